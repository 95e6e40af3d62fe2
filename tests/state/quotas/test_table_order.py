"""The order of quotas, as recorded from Apache Kafka 4.3.1: what is here in a list was answered in that order."""

import pytest

from kbroker.state.quotas.entity import Entity, entity_of
from kbroker.state.quotas.registry import QuotaRegistry
from kbroker.state.quotas.table_order import entities_in_order

P, C = "producer_byte_rate", "consumer_byte_rate"
R, M = "request_percentage", "controller_mutation_rate"
ALICE = entity_of([("user", "alice")])


@pytest.mark.parametrize(
    ("alterations", "order"),
    [
        ([{P: 1.0, C: 1.0, R: 1.0}], [C, R, P]),
        ([{P: 1.0, C: 1.0, R: 1.0, M: 1.0}], [P, C, M, R]),
        ([{P: 1.0}, {R: 1.0}, {C: 1.0}], [C, P, R]),
        ([{R: 1.0}, {P: 1.0}], [R, P]),
        ([{P: 1.0}, {R: 1.0}], [P, R]),
        ([{M: 1.0}, {C: 1.0}, {P: 1.0}, {R: 1.0}], [P, C, M, R]),
        ([{P: 1.0, R: 1.0, M: 1.0}, {P: None, C: 1.0}, {P: 2.0}], [P, C, M, R]),
        ([{P: 1.0, C: 1.0, R: 1.0, M: 1.0}, {C: None}, {C: 1.0}], [P, C, M, R]),
    ],
)
def test_values(alterations: list[dict[str, float | None]], order: list[str]) -> None:
    quotas = QuotaRegistry()
    for alteration in alterations:
        quotas.apply(ALICE, quotas.changes(ALICE, alteration))
    assert list(quotas.quotas[ALICE]) == order


MADE = (
    "user=alice user=alice/client-id=c user= client-id= user=/client-id= ip=127.0.0.1 ip= user=bob/client-id= "
    "user=user-0 user=user-1 user=user-2 user=user-3 user=user-4 user=user-5 user=user-6 user=user-7 user=user-8 "
    "user=user-9 user=user-10 user=user-11"
)
"""Entities in the order in which they were given a quota; a name of none is the default."""


def entities(text: str) -> list[Entity]:
    found = ([tuple(part.split("=")) for part in each.split("/")] for each in text.split())
    return [entity_of((kind, name or None) for kind, name in parts) for parts in found]


@pytest.mark.parametrize(
    ("count", "order"),
    [
        (
            2,
            "client-id=c/user=alice user=alice",
        ),
        (
            4,
            "client-id=c/user=alice user= user=alice client-id=",
        ),
        (
            6,
            "client-id=c/user=alice ip=127.0.0.1 user= user=alice client-id= client-id=/user=",
        ),
        (
            8,
            (
                "client-id=/user=bob user=alice ip= client-id=c/user=alice ip=127.0.0.1 user= client-id= "
                "client-id=/user="
            ),
        ),
        (
            13,
            (
                "client-id=/user=bob user=user-3 user=user-4 ip= user=user-2 client-id=c/user=alice user=alice "
                "user=user-0 ip=127.0.0.1 user= client-id= user=user-1 client-id=/user="
            ),
        ),
        (
            20,
            (
                "user=user-7 user=user-8 client-id=/user=bob user=user-6 user=user-3 user=user-11 user=user-4 "
                "user=user-10 ip= user=user-9 user=user-2 client-id=c/user=alice user=user-5 user=alice "
                "user=user-0 ip=127.0.0.1 user= client-id= user=user-1 client-id=/user="
            ),
        ),
    ],
)
def test_entities(count: int, order: str) -> None:
    assert entities_in_order(entities(MADE)[:count]) == entities(order)
    quotas = QuotaRegistry({entity: {P: 1.0} for entity in entities(MADE)[:count]})
    assert list(quotas.describe([], strict=False)) == entities(order)
