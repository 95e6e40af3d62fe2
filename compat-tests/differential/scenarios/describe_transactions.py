"""DescribeTransactions: producer, state and partitions of transactional ids."""

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.transactions import Producer
from kbroker.protocol.describe_transactions import DescribeTransactionsRequest


@scenario([0])
def everything(run: Conversation) -> None:
    topic, other = run.topic(partitions=3), run.topic("other")

    def ask(label: str, *names: str) -> None:
        run.ask(label, DescribeTransactionsRequest, transactional_ids=list(names))

    ask("nothing")
    ask("an unknown one", run.name("nobody"))
    ask("an empty one", "")
    old, new = Producer(run, run.name("old")), Producer(run, run.name("new"))
    old.begin(transaction_timeout_ms=12_345)
    new.begin()
    ask("two that have begun nothing", old.name, new.name)
    old.add(topic, 0, 2)
    old.add(other, 0)
    new.write(topic, b"v", version=12)
    ask("two that are open", old.name, new.name)
    ask("one twice, and one that is unknown", old.name, old.name, run.name("nobody"))
    old.end()
    new.write(topic, b"v", version=12)
    new.end(version=5)
    ask("two that are committed", old.name, new.name)
    new.write(topic, b"v", version=12)
    new.end(commit=False, version=5)
    ask("one that is aborted", new.name)


@scenario([-1, 1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 65, run.version, bytes(12), flexible=True)
