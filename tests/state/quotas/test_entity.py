"""Whom quotas are for."""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import check_entity, entity_of


def test_the_order_of_types_does_not_matter_and_the_last_of_a_type_counts() -> None:
    assert entity_of([("user", "a"), ("client-id", None)]) == (("client-id", None), ("user", "a"))
    assert entity_of([("user", "a"), ("user", "b")]) == (("user", "b"),)


@pytest.mark.parametrize(
    "pairs",
    [
        [("user", "a")],
        [("user", None)],
        [("client-id", None)],
        [("user", "a"), ("client-id", None)],
        [("ip", "::1")],
        [("ip", None)],
    ],
)
def test_allowed(pairs: list[tuple[str, str | None]]) -> None:
    check_entity(entity_of(pairs))


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [("group", "a")],
        [("", "a")],
        [("user", "")],
        [("user", "a"), ("client-id", "")],
        [("user", "a"), ("group", "a")],
        [("ip", "1.1.1.1"), ("user", "a")],
        [("ip", None), ("client-id", None)],
    ],
)
def test_refused(pairs: list[tuple[str, str | None]]) -> None:
    with pytest.raises(KafkaError) as refused:
        check_entity(entity_of(pairs))
    assert refused.value.code is ErrorCode.INVALID_REQUEST
