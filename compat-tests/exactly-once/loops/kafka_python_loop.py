"""Copy records in transactions with kafka-python; every seventh transaction is aborted on purpose."""

from itertools import count

from arguments import parse
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import OffsetAndMetadata

ABORT_EVERY = 7


def main() -> None:
    given = parse()
    consumer = KafkaConsumer(
        given.input, bootstrap_servers=given.bootstrap, group_id=given.group, auto_offset_reset="earliest",
        enable_auto_commit=False, session_timeout_ms=3000, heartbeat_interval_ms=500,
        isolation_level="read_committed", max_poll_records=50,
    )  # fmt: skip
    producer = KafkaProducer(
        bootstrap_servers=given.bootstrap, transactional_id=given.id, transaction_timeout_ms=10000
    )
    producer.init_transactions()
    for number in count(1):
        polled = consumer.poll(300)
        if not polled:
            continue
        producer.begin_transaction()
        offsets = {}
        for partition, records in polled.items():
            for record in records:
                producer.send(given.output, record.value + b"!", record.key)
            offsets[partition] = OffsetAndMetadata(records[-1].offset + 1, "", -1)
        producer.send_offsets_to_transaction(offsets, consumer.group_metadata())
        if number % ABORT_EVERY:
            producer.commit_transaction()
            continue
        producer.abort_transaction()
        for partition in consumer.assignment():
            consumer.seek(partition, consumer.committed(partition) or 0)


if __name__ == "__main__":
    main()
