"""kbroker/handlers/find_coordinator.py"""

from collections.abc import Callable

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.find_coordinator import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse

from .conftest import refuse_writes

At = Callable[[int], RequestContext]


@pytest.mark.parametrize("version", range(4))
@pytest.mark.parametrize("key_type", [0, 1])
async def test_this_broker_coordinates_groups_and_transactions(at: At, version: int, key_type: int) -> None:
    response = await handle(FindCoordinatorRequest(key="g", key_type=key_type), at(version))
    assert response == FindCoordinatorResponse(
        error_code=0, error_message="NONE", node_id=1, host="localhost", port=9092
    )


@pytest.mark.parametrize("version", [4, 5, 6])
async def test_many_keys_each_with_an_answer(at: At, version: int) -> None:
    response = await handle(FindCoordinatorRequest(coordinator_keys=["a", "b"]), at(version))
    assert [(one.key, one.error_code, one.node_id, one.host, one.port) for one in response.coordinators] == [
        ("a", 0, 1, "localhost", 9092),
        ("b", 0, 1, "localhost", 9092),
    ]


@pytest.mark.parametrize("key_type", [-1, 2, 3])
async def test_other_kinds_of_keys_are_invalid(at: At, key_type: int) -> None:
    one = await handle(FindCoordinatorRequest(key="x", key_type=key_type), at(3))
    assert (one.error_code, one.node_id, one.host, one.port) == (ErrorCode.INVALID_REQUEST, -1, "", -1)
    many = await handle(FindCoordinatorRequest(coordinator_keys=["x"], key_type=key_type), at(6))
    (only,) = many.coordinators
    assert (only.error_code, only.node_id, only.host, only.port) == (ErrorCode.INVALID_REQUEST, -1, "", -1)


@pytest.mark.parametrize(
    ("key_type", "created"), [(0, "__consumer_offsets"), (1, "__transaction_state"), (2, None)]
)
async def test_the_topic_of_what_is_looked_for_is_created(
    broker: Broker, at: At, key_type: int, created: str | None
) -> None:
    for _ in range(2):
        await handle(FindCoordinatorRequest(key="g", key_type=key_type), at(3))
    assert [(one.name, one.partitions, one.internal) for one in broker.topics.all()] == (
        [(created, 50, True)] if created else []
    )


async def test_without_its_topic_there_is_no_coordinator_and_the_log_says_so_once(
    broker: Broker, at: At, caplog: pytest.LogCaptureFixture
) -> None:
    refuse_writes(broker)
    for _ in range(3):
        await handle(FindCoordinatorRequest(key="g"), at(3))
    assert caplog.text.count("There is no coordinator") == 1
    one = await handle(FindCoordinatorRequest(key="g"), at(3))
    assert (one.error_code, one.node_id) == (ErrorCode.COORDINATOR_NOT_AVAILABLE, -1)
