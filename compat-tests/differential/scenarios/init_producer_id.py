"""InitProducerId without a transactional id: ids for idempotent producers."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.init_producer_id import InitProducerIdRequest

VERSIONS = range(6)


@scenario(VERSIONS)
def idempotent(run: Conversation) -> None:
    def ask(label: str, **given: Any) -> Any:
        asked = {"transactional_id": None, "transaction_timeout_ms": 60_000, **given}
        return run.ask(label, InitProducerIdRequest, **asked)

    first = ask("a producer id")
    ask("another")
    for timeout in (0, -1, 2**31 - 1):
        ask(f"timeout {timeout}", transaction_timeout_ms=timeout)
    ask("an empty transactional id", transactional_id="")
    if run.version >= 3:
        ask("its own id and epoch", producer_id=first.producer_id, producer_epoch=first.producer_epoch)
        ask("an id it never had", producer_id=123_456_789, producer_epoch=5)
        ask("an id without an epoch", producer_id=first.producer_id, producer_epoch=-1)
        ask("an epoch without an id", producer_id=-1, producer_epoch=3)


@scenario(VERSIONS)
def transactional(run: Conversation) -> None:
    asked = {"transactional_id": run.name(), "transaction_timeout_ms": 60_000}
    waits = (14, 15, 16)  # until the coordinator is there
    run.ask(
        "a transactional id",
        InitProducerIdRequest,
        until=lambda answer: answer.error_code not in waits,
        **asked,
    )
    for timeout in (0, -1, 900_001):
        asked = {"transactional_id": run.name(str(timeout)), "transaction_timeout_ms": timeout}
        run.ask(f"a timeout of {timeout} ms", InitProducerIdRequest, **asked)


@scenario([6, 7])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 22, run.version, bytes(12), flexible=True)
