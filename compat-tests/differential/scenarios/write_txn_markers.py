"""WriteTxnMarkers: as an admin client ends a transaction that hangs in a partition."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.add_partitions_to_txn import described
from differential.transactions import Producer, read
from kbroker.protocol.write_txn_markers import WriteTxnMarkersRequest

VERSIONS = (1, 2)


@scenario(VERSIONS)
def everything(run: Conversation) -> None:
    topic = run.topic(partitions=3)
    producer = Producer(run, run.name()).begin()
    producer.add(topic, 0, 1, 2)
    for partition in (0, 1, 2):
        producer.write(topic, b"v", partition=partition)

    def marker(*topics: tuple[str, list[int]], commit: bool = False, **given: Any) -> dict[str, Any]:
        said = {
            "producer_id": producer.producer_id,
            "producer_epoch": producer.epoch,
            "transaction_result": commit,
            "coordinator_epoch": 0,
            **given,
        }
        return said | {"topics": [{"name": name, "partition_indexes": indexes} for name, indexes in topics]}

    def ask(label: str, *markers: dict[str, Any]) -> None:
        run.ask(label, WriteTxnMarkersRequest, markers=list(markers))

    ask("an unknown topic", marker((run.name("nowhere"), [0])))
    ask("an unknown partition beside one that is there", marker((topic, [0, 9])))
    read(run, "aborted there", topic)
    ask("again", marker((topic, [0])))
    ask("an older epoch", marker((topic, [1]), producer_epoch=-1))
    ask("commit in another", marker((topic, [1]), commit=True))
    read(run, "committed there", topic, 1)
    ask("a newer coordinator", marker((topic, [2]), coordinator_epoch=5))
    ask("an older coordinator", marker((topic, [2]), coordinator_epoch=4))
    ask("a newer epoch", marker((topic, [2]), producer_epoch=4, coordinator_epoch=5))
    ask("the epoch before", marker((topic, [2]), producer_epoch=3, coordinator_epoch=5))
    ask("a producer nobody knows", marker((topic, [2]), producer_id=123_456_789))
    several = [marker((topic, [0]), producer_id=2_000_001), marker((topic, [1]), producer_id=2_000_001)]
    ask("two markers of one producer", *several)
    ask("markers of two producers", marker((topic, [0])), marker((topic, [1]), producer_id=2_000_002))
    for partition in (0, 1, 2):
        read(run, f"partition {partition} in the end", topic, partition)
    described(run, "the coordinator knows nothing of it", run.name())


@scenario(VERSIONS)
def of_transaction_version_2(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    producer = Producer(run, run.name()).begin()
    producer.write(topic, b"v", version=12)

    def ask(label: str, epoch: int) -> None:
        marker = {
            "producer_id": producer.producer_id,
            "producer_epoch": epoch,
            "transaction_result": False,
            "coordinator_epoch": 0,
            "topics": [{"name": topic, "partition_indexes": [0]}],
        }
        version = {"transaction_version": 2} if run.version >= 2 else {}
        run.ask(label, WriteTxnMarkersRequest, markers=[marker | version])

    ask("the epoch of the records", producer.epoch)
    ask("the epoch after", producer.epoch + 1)
    ask("that again", producer.epoch + 1)
    read(run, "what is left", topic)


@scenario([0, 3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 27, run.version, bytes(12), flexible=True)
