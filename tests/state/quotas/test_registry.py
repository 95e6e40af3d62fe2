"""Quotas that are set, changed and found."""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import Entity, entity_of
from kbroker.state.quotas.registry import ANY, DEFAULT, EXACT, QuotaRegistry

ALICE = entity_of([("user", "alice")])
ALICE_AT_C = entity_of([("user", "alice"), ("client-id", "c")])
ANYBODY = entity_of([("user", None)])
IP = entity_of([("ip", "::1")])


def registry(*entities: Entity) -> QuotaRegistry:
    return QuotaRegistry({entity: {"producer_byte_rate": 1.0} for entity in entities})


def test_only_what_differs_is_a_change() -> None:
    quotas = registry(ALICE)
    assert quotas.changes(ALICE, {"producer_byte_rate": 1.0}) == {}
    assert quotas.changes(ALICE, {"consumer_byte_rate": None, "no_such_key": None}) == {}
    changes = quotas.changes(ALICE, {"producer_byte_rate": None, "consumer_byte_rate": 2.0})
    assert changes == {"producer_byte_rate": None, "consumer_byte_rate": 2.0}
    quotas.apply(ALICE, changes)
    assert quotas.quotas == {ALICE: {"consumer_byte_rate": 2.0}}
    quotas.apply(ALICE, {"consumer_byte_rate": None})
    assert quotas.quotas == {}


def test_a_bad_value_changes_nothing() -> None:
    with pytest.raises(KafkaError):
        registry().changes(ALICE, {"request_percentage": 1.0, "producer_byte_rate": 0.0})


@pytest.mark.parametrize(
    ("components", "strict", "found"),
    [
        ([], False, {ALICE, ALICE_AT_C, ANYBODY, IP}),
        ([], True, set()),
        ([("user", EXACT, "alice")], False, {ALICE, ALICE_AT_C}),
        ([("user", EXACT, "alice")], True, {ALICE}),
        ([("user", DEFAULT, None)], False, {ANYBODY}),
        ([("user", ANY, None)], True, {ALICE, ANYBODY}),
        ([("client-id", ANY, None)], False, {ALICE_AT_C}),
        ([("client-id", ANY, None)], True, set()),
        ([("client-id", ANY, None), ("user", EXACT, "alice")], True, {ALICE_AT_C}),
        ([("ip", ANY, None)], False, {IP}),
    ],
)
def test_described(components: list[tuple[str, int, str | None]], strict: bool, found: set[Entity]) -> None:
    assert registry(ALICE, ALICE_AT_C, ANYBODY, IP).describe(components, strict=strict).keys() == found


@pytest.mark.parametrize(
    ("components", "code"),
    [
        ([("", EXACT, "a")], ErrorCode.INVALID_REQUEST),
        ([("group", EXACT, "a")], ErrorCode.UNSUPPORTED_VERSION),
        ([("user", EXACT, None)], ErrorCode.INVALID_REQUEST),
        ([("user", DEFAULT, "")], ErrorCode.INVALID_REQUEST),
        ([("user", ANY, "a")], ErrorCode.INVALID_REQUEST),
        ([("user", 3, None)], ErrorCode.INVALID_REQUEST),
        ([("user", ANY, None), ("user", EXACT, "a")], ErrorCode.INVALID_REQUEST),
        ([("user", ANY, None), ("ip", ANY, None)], ErrorCode.INVALID_REQUEST),
    ],
)
def test_filters_refused(components: list[tuple[str, int, str | None]], code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as refused:
        registry().describe(components, strict=False)
    assert refused.value.code is code
