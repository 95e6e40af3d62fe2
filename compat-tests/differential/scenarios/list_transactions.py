"""ListTransactions: transactional ids by state, producer, age and pattern."""

import time
from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from differential.transactions import Producer
from kbroker.protocol.list_transactions import ListTransactionsRequest

VERSIONS = range(3)
STATES = ("Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead",
          "PrepareEpochFence")  # fmt: skip


@scenario(VERSIONS)
def everything(run: Conversation) -> None:
    topic = run.topic()

    def own(answer: Any) -> None:
        mine = [each for each in answer.transaction_states if each.transactional_id.startswith(run.name())]
        answer.transaction_states = mine

    def ask(label: str, **given: Any) -> None:
        run.ask(label, ListTransactionsRequest, only=own, **given)

    ask("nothing of this run")
    producers = {name: Producer(run, run.name(name)).begin() for name in ("idle", "open", "done", "gone")}
    for name in ("open", "done", "gone"):
        producers[name].add(topic, 0)
    producers["done"].end()
    producers["gone"].end(commit=False)
    ask("all four")
    for state in STATES:
        ask(f"state {state}", state_filters=[state])
    ask("two states", state_filters=["Ongoing", "CompleteCommit"])
    ask("states that are none", state_filters=["ongoing", "Nonsense", ""])
    ask("a state twice and one that is none", state_filters=["Ongoing", "Ongoing", "Nonsense"])
    ask("a producer id", producer_id_filters=[producers["open"].producer_id])
    ask("one that nobody has", producer_id_filters=[123_456_789, -1])
    both = {"producer_id_filters": [producers["open"].producer_id], "state_filters": ["Empty"]}
    ask("a producer id and another's state", **both)
    if run.version >= 1:
        ask("for an hour", duration_filter=3_600_000)
        ask("for an hour and open", duration_filter=3_600_000, state_filters=["Ongoing"])
        time.sleep(0.01)
        ask("for no time", duration_filter=0)
        ask("any time", duration_filter=-1)
        ask("less than any time", duration_filter=-2)
    if run.version >= 2:
        name = run.name()
        patterns = {
            "the beginning": name,
            "the beginning and anything": f"{name}.*",
            "two of them": f"{name}-(idle|open)",
            "an empty pattern": "",
            "the end": ".*open",
            "a set": f"{name}-[gi].*e",
            "case": f"(?i){name.upper()}-OPEN",
            "what is no pattern": "(",
            "a dangling star": "*",
            "looking ahead": "(?=a)a",
            "a reference back": "(a)\\1",
            "a possessive star": ".*+",
            "a Unicode class": f"\\p{{L}}{name[1:]}-open",
            "a quote": f"\\Q{name}\\E-open",
            "all of a text": f"\\A{name}-open\\z",
        }
        for label, pattern in patterns.items():
            ask(label, transactional_id_pattern=pattern)


@scenario([-1, 3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 66, run.version, bytes(12), flexible=True)
