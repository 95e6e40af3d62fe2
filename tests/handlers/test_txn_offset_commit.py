"""kbroker/handlers/txn_offset_commit.py"""

from collections.abc import Callable
from typing import Any

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import RequestContext
from kbroker.handlers.txn_offset_commit import handle
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from kbroker.state.java_strings import partition_for
from kbroker.state.offsets import CommittedOffset

At = Callable[[int], RequestContext]
Codes = list[tuple[str, list[tuple[int, int]]]]
NAME, GROUP = "transaction", "g"


@pytest.fixture
async def producer(broker: Broker) -> tuple[int, int]:
    """Id and epoch of a producer that may begin, and for whom there is topic t of two partitions."""
    await broker.topics.create("t", 2, {})
    begun = await broker.transactions.init_producer_id(NAME, 60_000, None)
    return begun.producer_id, begun.epoch


@pytest.fixture
def settings() -> dict[str, str]:
    return {"offsets.topic.num.partitions": "3"}


def topic(name: str, *committed: tuple[int, int], metadata: str | None = None) -> TxnOffsetCommitRequestTopic:
    return TxnOffsetCommitRequestTopic(
        name, [TxnOffsetCommitRequestPartition(index, offset, 4, metadata) for index, offset in committed]
    )


async def commit(
    at: At, version: int, producer: tuple[int, int], *topics: TxnOffsetCommitRequestTopic, **given: Any
) -> Codes:
    said = {"transactional_id": NAME, "group_id": GROUP, "topics": list(topics), **given}
    answer = await handle(
        TxnOffsetCommitRequest(producer_id=producer[0], producer_epoch=producer[1], **said), at(version)
    )
    return [
        (each.name, [(one.partition_index, one.error_code) for one in each.partitions])
        for each in answer.topics
    ]


async def add_group(broker: Broker, producer: tuple[int, int]) -> None:
    await broker.transactions.add_partitions(
        NAME, *producer, [("__consumer_offsets", partition_for(GROUP, 3))]
    )


def committed(broker: Broker) -> CommittedOffset | None:
    group = broker.groups.get(GROUP)
    return None if group is None else group.offsets.get("t", 0)


@pytest.mark.parametrize("version", range(6))
@pytest.mark.parametrize("commits", [True, False])
async def test_the_offset_counts_once_the_transaction_is_committed(
    broker: Broker, at: At, producer: tuple[int, int], version: int, commits: bool
) -> None:
    if version < 5:
        await add_group(broker, producer)
    for offset in (5, 6):
        assert await commit(at, version, producer, topic("t", (0, offset))) == [("t", [(0, 0)])]
    assert committed(broker) is None
    await broker.transactions.end(NAME, *producer, commit=commits, client_version=2 if version == 5 else 0)
    found = committed(broker)
    assert (None if found is None else (found.offset, found.leader_epoch)) == ((6, 4) if commits else None)


@pytest.mark.parametrize(
    ("version", "error"),
    [
        (3, ErrorCode.INVALID_TXN_STATE),
        (4, ErrorCode.TRANSACTION_ABORTABLE),
        (5, ErrorCode.NONE),
    ],
)
async def test_the_group_must_be_in_the_transaction(
    broker: Broker, at: At, producer: tuple[int, int], version: int, error: ErrorCode
) -> None:
    assert await commit(at, version, producer, topic("t", (0, 5))) == [("t", [(0, error)])]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"group_id": ""}, ErrorCode.INVALID_GROUP_ID),
        ({"transactional_id": ""}, ErrorCode.INVALID_REQUEST),
        ({"transactional_id": "nobody"}, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
        ({"producer_id": 99}, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
        ({"producer_epoch": 1}, ErrorCode.INVALID_PRODUCER_EPOCH),
        ({"generation_id": 1, "member_id": "m"}, ErrorCode.ILLEGAL_GENERATION),
    ],
)
async def test_refusals_are_every_partitions(
    broker: Broker, at: At, producer: tuple[int, int], given: dict[str, Any], error: ErrorCode
) -> None:
    await add_group(broker, producer)
    said = {"producer_id": producer[0], "producer_epoch": producer[1], **given}
    named = said.pop("producer_id"), said.pop("producer_epoch")
    asked = [topic("t", (0, 5), (1, 6), metadata="m" * 5000), topic("t", (7, 1))]
    assert await commit(at, 4, named, *asked, **said) == [("t", [(7, 3), (0, error), (1, error)])]


async def test_what_is_not_there_keeps_the_rest_from_nothing(
    broker: Broker, at: At, producer: tuple[int, int]
) -> None:
    await add_group(broker, producer)
    asked = [topic("nowhere", (0, 1)), topic("t", (9, 1), (0, 5)), topic("t", (1, 6), metadata="m" * 4097)]
    assert await commit(at, 3, producer, *asked) == [
        ("nowhere", [(0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]),
        ("t", [(9, 3), (0, 0), (1, ErrorCode.OFFSET_METADATA_TOO_LARGE)]),
    ]
    group = broker.groups.get(GROUP)
    assert group is not None
    assert set(group.pending_offsets) == {("t", 0)}


async def test_nothing_known_is_no_error_of_the_producers(at: At, producer: tuple[int, int]) -> None:
    assert await commit(at, 3, (99, 0), topic("nowhere", (0, 1))) == [("nowhere", [(0, 3)])]
    assert await commit(at, 3, (99, 0), topic("t")) == []


async def test_a_producer_fenced_by_the_partition_itself(
    broker: Broker, at: At, producer: tuple[int, int]
) -> None:
    """The marker that ends a transaction of version 2 raises the epoch."""
    assert await commit(at, 5, producer, topic("t", (0, 5))) == [("t", [(0, 0)])]
    await broker.transactions.end(NAME, *producer, commit=True, client_version=2)
    assert await commit(at, 5, producer, topic("t", (0, 6))) == [
        ("t", [(0, ErrorCode.INVALID_PRODUCER_EPOCH)])
    ]
