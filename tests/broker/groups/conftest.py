"""A coordinator on a store in memory."""

import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

import pytest
import trio
from attrs import Factory, define

from kbroker.broker.groups import GroupCoordinator
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.effects import JoinAnswer, SyncAnswer
from kbroker.state.groups.member import JoinCall
from kbroker.state.groups.sync import SyncCall
from kbroker.state.offsets import CommittedOffset, TopicPartition
from kbroker.storage.interfaces import StoredGroup

if TYPE_CHECKING:
    from kbroker.broker.topics import TopicCatalog

TOPIC_ID = bytes(range(16))


class TestClock:
    """Wall clock time, moved by hand."""

    __test__ = False

    def __init__(self) -> None:
        self.now = 1_000_000

    def now_ms(self) -> int:
        return self.now


class Topics:
    """A catalog with one topic, as far as the coordinator looks."""

    def by_id(self, topic_id: bytes) -> object | None:
        return self if topic_id == TOPIC_ID else None


@define
class MemoryStore:
    """A GroupStore that suspends, as one behind a network does, and fails when told to."""

    groups: dict[str, StoredGroup] = Factory(dict)
    broken: bool = False

    async def load(self) -> list[StoredGroup]:
        return list(self.groups.values())

    async def commit_offsets(self, group_id: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
        (await self._group(group_id)).offsets.update(offsets)

    async def delete_offsets(self, group_id: str, partitions: Iterable[TopicPartition]) -> None:
        group = await self._group(group_id)
        for partition in partitions:
            group.offsets.pop(partition, None)

    async def save_group(self, group_id: str, state: bytes) -> None:
        (await self._group(group_id)).state = state

    async def delete_group(self, group_id: str) -> None:
        await trio.lowlevel.checkpoint()
        self.groups.pop(group_id, None)

    async def _group(self, group_id: str) -> StoredGroup:
        await trio.lowlevel.checkpoint()
        if self.broken:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "disk full")
        return self.groups.setdefault(group_id, StoredGroup(group_id, None, {}))


@define
class Bench:
    """A coordinator with what it stands on, and short forms of the calls."""

    store: MemoryStore = Factory(MemoryStore)
    clock: TestClock = Factory(TestClock)
    settings: dict[str, str] = Factory(dict)
    ids: "itertools.count[int]" = Factory(itertools.count)
    waits: int = 0  # how often somebody was about to be parked

    def coordinator(self) -> GroupCoordinator:
        config = BrokerConfig.of({"node.id": "1", **self.settings})
        return GroupCoordinator(config, self.store, self.clock, cast("TopicCatalog", Topics()))

    async def before_wait(self) -> None:
        self.waits += 1

    async def join(
        self, groups: GroupCoordinator, member_id: str = "", session_ms: int = 10_000
    ) -> JoinAnswer:
        call = JoinCall(
            member_id=member_id,
            group_instance_id=None,
            client_id="c",
            client_host="/h",
            session_timeout_ms=session_ms,
            rebalance_timeout_ms=30_000,
            protocol_type="consumer",
            protocols=[("range", b"")],
            new_member_id=f"member-{next(self.ids)}",
        )
        return await groups.join("g", call, self.before_wait)

    async def sync(
        self, groups: GroupCoordinator, joined: JoinAnswer, assignments: Mapping[str, bytes]
    ) -> SyncAnswer:
        call = SyncCall(joined.member_id, None, joined.generation_id, None, None, assignments)
        return await groups.sync("g", call, self.before_wait)

    async def lone_member(self, groups: GroupCoordinator) -> JoinAnswer:
        """A stable group of one."""
        joined = await self.join(groups)
        await self.sync(groups, joined, {joined.member_id: b"all"})
        return joined


@pytest.fixture
def bench() -> Bench:
    return Bench()
