"""AddOffsetsToTxn: makes a group's offsets part of a transaction."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.add_partitions_to_txn import described
from differential.transactions import Producer, settled
from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest

VERSIONS = range(5)


@scenario(VERSIONS)
def everything(run: Conversation) -> None:
    producer = Producer(run, run.name()).begin()
    producer.begin()

    def ask(label: str, **given: Any) -> None:
        said = {
            "transactional_id": producer.name,
            "producer_id": producer.producer_id,
            "producer_epoch": producer.epoch,
            "group_id": run.name(),
            **given,
        }
        run.ask(label, AddOffsetsToTxnRequest, until=settled, **said)

    ask("an unknown transactional id", transactional_id=run.name("nobody"))
    ask("an empty transactional id", transactional_id="")
    ask("another producer id", producer_id=123_456_789)
    ask("an older epoch", producer_epoch=0)
    ask("a newer epoch", producer_epoch=2)
    described(run, "nothing was begun", run.name())
    ask("a group that nobody knows")
    described(run, "its partition is in the transaction", run.name())
    ask("again")
    ask("an empty group id", group_id="")
    producer.end()
    described(run, "committed", run.name())
    ask("in the next transaction")
    described(run, "that is open", run.name())


@scenario([-1, 5])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 25, run.version, bytes(12), flexible=True)
