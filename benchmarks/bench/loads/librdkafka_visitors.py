"""librdkafka clients that come and go: an admin client, and members of groups of both protocols."""

from collections.abc import Generator
from typing import Any

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient

from bench.loads import gate


def load(
    *, port: int, topic: str, records: int, protocols: list[str]
) -> Generator[None, None, dict[str, Any]]:
    """Describe the cluster and its groups; read a topic in a group of each of the protocols, and leave."""
    yield
    server = f"127.0.0.1:{port}"
    admin = AdminClient({"bootstrap.servers": server})
    admin.list_topics(timeout=30)
    admin.describe_cluster().result(30)
    for protocol in protocols:
        consumer = Consumer(
            {
                "bootstrap.servers": server,
                "group.id": f"visitors-{protocol}",
                "group.protocol": protocol,
                "auto.offset.reset": "earliest",
            }
        )
        consumer.subscribe([topic])
        count = 0
        while count < records:
            got = consumer.consume(1000, 60)
            if not got:
                raise RuntimeError(f"{protocol}: {count} of {records}")
            count += len(got)
        consumer.close()
    admin.list_consumer_groups().result(30)
    return {"records": records}


if __name__ == "__main__":
    gate.run(load)
