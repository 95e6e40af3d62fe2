"""ListTransactions: every filter."""

from typing import Any

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import list_transactions
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.list_transactions import ListTransactionsRequest, ListTransactionsResponse

from .conftest import FixedClock, context
from .transacting import Producer


@pytest.fixture
async def producers(broker: Broker, clock: FixedClock) -> dict[str, Producer]:
    await broker.topics.create("t", 1, {})
    producers = {name: await Producer(broker, name).begin() for name in ("idle", "open", "done")}
    for name in ("open", "done"):
        await producers[name].add("t", 0)
    await producers["done"].end()
    clock.now += 5000
    return producers


async def ask(broker: Broker, **filters: Any) -> ListTransactionsResponse:
    return await list_transactions.handle(ListTransactionsRequest(**filters), context(broker, 2))


def names(answer: ListTransactionsResponse) -> set[str]:
    return {each.transactional_id for each in answer.transaction_states}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"idle", "open", "done"}),
        ({"state_filters": ["Ongoing", "Empty"]}, {"idle", "open"}),
        ({"duration_filter": 5000}, {"idle"}),
        ({"duration_filter": 4999}, {"idle", "open", "done"}),
        ({"transactional_id_pattern": "(o|d).*"}, {"open", "done"}),
        ({"transactional_id_pattern": "o"}, set()),
        ({"state_filters": ["Empty"], "transactional_id_pattern": "o.*"}, set()),
    ],
)
async def test_what_passes_all_filters(
    broker: Broker, producers: dict[str, Producer], filters: dict[str, Any], expected: set[str]
) -> None:
    assert names(await ask(broker, **filters)) == expected


async def test_a_producer_id(broker: Broker, producers: dict[str, Producer]) -> None:
    answer = await ask(broker, producer_id_filters=[producers["done"].producer_id, 999])
    (found,) = answer.transaction_states
    assert (found.transactional_id, found.transaction_state) == ("done", "CompleteCommit")


async def test_states_and_patterns_that_are_none(broker: Broker, producers: dict[str, Producer]) -> None:
    answer = await ask(broker, state_filters=["Ongoing", "ongoing", "ongoing"])
    assert (answer.unknown_state_filters, names(answer)) == (["ongoing"], {"open"})
    assert names(await ask(broker, state_filters=["ongoing"])) == set()
    for pattern in ("(", "(?=a)", "*"):
        answer = await ask(broker, transactional_id_pattern=pattern)
        assert answer.error_code == ErrorCode.INVALID_REGULAR_EXPRESSION
