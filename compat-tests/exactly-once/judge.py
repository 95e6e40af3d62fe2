"""The judge of a trial, by confluent-kafka: makes the topics, puts records in, watches and counts what comes out.

judge.py BOOTSTRAP create | feed RECORDS | watch RECORDS SECONDS | count RECORDS SUFFIX
"""

import json
import sys
import time
from collections import Counter

from confluent_kafka import OFFSET_BEGINNING, Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

PARTITIONS = 4
FEED_PAUSE_S = 0.01  # so that records keep coming while things are killed


def create(admin: AdminClient) -> None:
    for future in admin.create_topics(
        [NewTopic("in", PARTITIONS, 1), NewTopic("out", PARTITIONS, 1)]
    ).values():
        future.result()


def feed(bootstrap: str, records: int) -> None:
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "linger.ms": 5,
            "message.timeout.ms": 120000,
        }
    )
    for number in range(records):
        producer.produce("in", str(number), str(number), partition=number % PARTITIONS)
        producer.poll(0)
        time.sleep(FEED_PAUSE_S)
    producer.flush()


def reader(bootstrap: str, isolation: str) -> Consumer:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": "judge",
            "enable.auto.commit": False,
            "isolation.level": isolation,
        }
    )
    consumer.assign([TopicPartition("out", partition, OFFSET_BEGINNING) for partition in range(PARTITIONS)])
    return consumer


def watch(bootstrap: str, records: int, seconds: float) -> None:
    """Print how many different records came out, until it is all of them."""
    consumer, seen, deadline = reader(bootstrap, "read_committed"), set(), time.monotonic() + seconds
    while len(seen) < records and time.monotonic() < deadline:
        seen.update(message.value() for message in consumer.consume(500, 0.2) if not message.error())
        print(len(seen), flush=True)


def count(bootstrap: str, records: int, suffix: str) -> None:
    """Print JSON; the topic is read to its end, and once more after a while in which a late duplicate would come."""
    committed: Counter[bytes] = Counter()
    all_of_it = 0
    for isolation in ("read_committed", "read_uncommitted"):
        consumer, quiet_since = reader(bootstrap, isolation), time.monotonic()
        while time.monotonic() - quiet_since < 3:
            values = [message.value() for message in consumer.consume(500, 0.5) if not message.error()]
            if values:
                quiet_since = time.monotonic()
            if isolation == "read_committed":
                committed.update(values)
            else:
                all_of_it += len(values)
        consumer.close()
    wanted = {f"{number}{suffix}".encode() for number in range(records)}
    found = {
        "missing": len(wanted - committed.keys()),
        "doubled": sum(times - 1 for times in committed.values()),
        "unknown": len(committed.keys() - wanted),
        "aborted": all_of_it - committed.total(),
        "committed": group_offsets(bootstrap),
    }
    print(json.dumps(found))


def group_offsets(bootstrap: str) -> int:
    """The committed offsets of the loops' group, added up: as many as records were put in."""
    wanted = [
        ConsumerGroupTopicPartitions("copiers", [TopicPartition("in", each) for each in range(PARTITIONS)])
    ]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    (future,) = admin.list_consumer_group_offsets(wanted).values()
    return sum(max(each.offset, 0) for each in future.result().topic_partitions)


def main() -> None:
    bootstrap, what, *given = sys.argv[1:]
    if what == "create":
        create(AdminClient({"bootstrap.servers": bootstrap}))
    elif what == "count":
        count(bootstrap, int(given[0]), given[1])
    else:
        {"feed": feed, "watch": watch}[what](bootstrap, *map(int, given))


if __name__ == "__main__":
    main()
