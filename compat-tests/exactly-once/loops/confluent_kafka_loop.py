"""Copy records in transactions with confluent-kafka; every seventh transaction is aborted on purpose."""

from itertools import count

from arguments import parse
from confluent_kafka import Consumer, KafkaException, Producer

ABORT_EVERY = 7


def main() -> None:
    given = parse()
    consumer = Consumer(
        {
            "bootstrap.servers": given.bootstrap,
            "group.id": given.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 3000,
            "isolation.level": "read_committed",
        }
    )
    producer = Producer(
        {"bootstrap.servers": given.bootstrap, "transactional.id": given.id, "transaction.timeout.ms": 10000}
    )
    producer.init_transactions(30)
    consumer.subscribe([given.input])
    for number in count(1):
        messages = [message for message in consumer.consume(50, 0.3) if not message.error()]
        if not messages:
            continue
        producer.begin_transaction()
        try:
            for message in messages:
                producer.produce(given.output, message.value() + b"!", message.key())
            producer.send_offsets_to_transaction(
                consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), 20
            )
            if number % ABORT_EVERY:
                producer.commit_transaction(20)
                continue
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise  # ends this process; the next one begins anew
        producer.abort_transaction(20)
        rewind(consumer)


def rewind(consumer: Consumer) -> None:
    """Go back to what is committed."""
    for partition in consumer.committed(consumer.assignment(), 10):
        partition.offset = max(partition.offset, 0)
        consumer.seek(partition)


if __name__ == "__main__":
    main()
