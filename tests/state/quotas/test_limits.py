"""Whose quota counts: Apache Kafka's order."""

import math

import pytest

from kbroker.state.quotas.entity import Entity, entity_of
from kbroker.state.quotas.limits import ClientLimits

KEY = "producer_byte_rate"

IN_ORDER = [
    [("user", "u"), ("client-id", "c")],
    [("user", "u"), ("client-id", None)],
    [("user", "u")],
    [("user", None), ("client-id", "c")],
    [("user", None), ("client-id", None)],
    [("user", None)],
    [("client-id", "c")],
    [("client-id", None)],
]
PAYERS = [("u", "c"), ("u", "c"), ("u", ""), ("u", "c"), ("u", "c"), ("u", ""), ("", "c"), ("", "c")]


def limits(*entities: Entity) -> ClientLimits:
    return ClientLimits(KEY, {entity: {KEY: float(bound)} for bound, entity in enumerate(entities)})


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_precedence(first: int) -> None:
    found = limits(*map(entity_of, IN_ORDER[first:])).find("u", "c")
    assert found == (PAYERS[first], 0.0)


@pytest.mark.parametrize("entity", IN_ORDER)
def test_alone(entity: list[tuple[str, str | None]]) -> None:
    found = limits(entity_of(entity)).find("u", "c")
    assert found == (PAYERS[IN_ORDER.index(entity)], 0.0)


def test_others_have_no_limit() -> None:
    assert limits(entity_of([("user", "x")])).find("u", "c") is None
    assert limits(entity_of([("client-id", "x")]), entity_of([("user", "x")])).find("u", "c") is None
    assert not limits()
    assert limits().find("u", "c") is None


def test_an_empty_client_id_has_no_limit_as_a_client_but_as_a_user() -> None:
    assert limits(entity_of([("client-id", None)])).find("u", "") is None
    assert limits(entity_of([("user", None)])).find("u", "") == (("u", ""), 0.0)
    assert limits(entity_of([("user", "u"), ("client-id", None)])).find("u", "") is None
    both = entity_of([("user", "u"), ("client-id", None)]), entity_of([("user", None)])
    assert limits(*both).find("u", "") == (("u", ""), 1.0)


def test_other_keys_and_addresses_are_left_out() -> None:
    quotas = {entity_of([("user", "u")]): {"consumer_byte_rate": 1.0}, entity_of([("ip", None)]): {KEY: 1.0}}
    assert not ClientLimits(KEY, quotas)


def test_no_number_is_no_limit() -> None:
    assert ClientLimits(KEY, {entity_of([("user", "u")]): {KEY: math.nan}}).find("u", "c") is None
