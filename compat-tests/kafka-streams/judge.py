"""Puts lines in and reads the counts, by confluent-kafka: BOOTSTRAP create PARTITIONS | feed JSON | updates."""

import json
import struct
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

QUIET_S = 0.7


def create(bootstrap: str, partitions: str) -> None:
    topics = [NewTopic(name, int(partitions), 1) for name in ("lines", "counts")]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for future in admin.create_topics(topics, request_timeout=30).values():
        future.result()


def feed(bootstrap: str, lines: str) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
    for number, line in enumerate(json.loads(lines)):
        producer.produce("lines", line, str(number))
        producer.poll(0)
        time.sleep(0.02)
    producer.flush()


def updates(bootstrap: str) -> None:
    """Print every count that readers of committed records were told, by word."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "judge",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
        }
    )
    partitions = consumer.list_topics("counts", 10).topics["counts"].partitions
    consumer.assign([TopicPartition("counts", each, OFFSET_BEGINNING) for each in partitions])
    told: dict[str, list[int]] = {}
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET_S:
        for message in consumer.consume(500, 0.2):
            if not message.error():
                quiet_since = time.monotonic()
                told.setdefault(message.key().decode(), []).append(struct.unpack(">q", message.value())[0])
    consumer.close()
    print(json.dumps(told))


if __name__ == "__main__":
    {"create": create, "feed": feed, "updates": updates}[sys.argv[2]](sys.argv[1], *sys.argv[3:])
