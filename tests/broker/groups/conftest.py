"""A coordinator on a store in memory."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import pytest
import trio
from attrs import Factory, define

from kbroker.broker.groups import GroupCoordinator
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.coordinator_batch import KeyValue
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.effects import JoinAnswer, SyncAnswer
from kbroker.state.groups.member import JoinCall
from kbroker.state.groups.pending_offsets import EndedOffsets, ProducerAndPartition
from kbroker.state.groups.sync import SyncCall
from kbroker.state.offsets import CommittedOffset, TopicPartition
from kbroker.storage.interfaces.groups import StoredGroup, StoredPendingOffset

if TYPE_CHECKING:
    from kbroker.broker.changelog import Changelog
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

    def get(self, name: str) -> object | None:
        return self if name == "t" else None


@define
class MemoryStore:
    """A GroupStore that suspends, as one behind a network does, and fails when told to."""

    groups: dict[str, StoredGroup] = Factory(dict)
    broken: bool = False
    forgotten: list[list[str]] = Factory(list)  # groups, by call

    async def load(self) -> list[StoredGroup]:
        return list(self.groups.values())

    async def commit_offsets(
        self,
        group_id: str,
        offsets: Mapping[TopicPartition, CommittedOffset],
        superseded: Iterable[ProducerAndPartition] = (),
    ) -> None:
        group = await self._group(group_id)
        group.offsets.update(offsets)
        self._supersede(group, superseded)

    async def add_pending_offsets(
        self,
        group_id: str,
        producer_id: int,
        changelog_partition: int,
        offsets: Mapping[TopicPartition, CommittedOffset],
    ) -> None:
        group = await self._group(group_id)
        replaced = {(producer_id, partition) for partition in offsets}
        group.pending = [one for one in group.pending if key(one) not in replaced]
        for (topic, index), held in offsets.items():
            group.pending.append(
                StoredPendingOffset(producer_id, topic, index, held, False, changelog_partition)
            )

    async def end_pending_offsets(self, producer_id: int, ended: Mapping[str, EndedOffsets]) -> None:
        for group_id, effects in ended.items():
            group = await self._group(group_id)
            group.offsets.update(effects.committed)
            self._supersede(group, effects.superseded)
            group.pending = [one for one in group.pending if one.producer_id != producer_id]

    def _supersede(self, group: StoredGroup, pending: Iterable[ProducerAndPartition]) -> None:
        for one in group.pending:
            one.superseded |= key(one) in pending

    async def state(self, group_id: str) -> bytes | None:
        group = self.groups.get(group_id)
        return None if group is None else group.state

    async def save_group(self, group_id: str, state: bytes) -> None:
        (await self._group(group_id)).state = state

    async def forget(
        self, offsets: Mapping[str, Iterable[TopicPartition]], groups: Iterable[str] = ()
    ) -> None:
        for group_id, partitions in offsets.items():
            group = await self._group(group_id)
            for partition in partitions:
                group.offsets.pop(partition, None)
            group.pending = [one for one in group.pending if key(one)[1] not in partitions]
        self.forgotten.append(list(groups))
        for group_id in groups:
            await self._group(group_id)
            del self.groups[group_id]

    async def clear(self) -> None:
        await trio.lowlevel.checkpoint()
        self.groups.clear()

    async def _group(self, group_id: str) -> StoredGroup:
        await trio.lowlevel.checkpoint()
        if self.broken:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "disk full")
        return self.groups.setdefault(group_id, StoredGroup(group_id, None, {}))


def key(pending: StoredPendingOffset) -> ProducerAndPartition:
    return pending.producer_id, (pending.topic, pending.partition)


@define
class MemoryChangelog:
    """What was appended, by group or by partition; of transactions, with the producer's id and epoch."""

    appended: list[tuple[str | int, KeyValue]] = Factory(list)
    transactional: list[tuple[int, int, int, KeyValue]] = Factory(list)
    newest_epoch: int = 0

    async def partition_of(self, group_id: str) -> int:
        await trio.lowlevel.checkpoint()
        return len(group_id)

    async def open(self, group_id: str) -> None:
        await trio.lowlevel.checkpoint()

    async def append(self, group_id: str, records: Sequence[KeyValue]) -> None:
        await trio.lowlevel.checkpoint()
        self.appended += [(group_id, record) for record in records]

    async def append_to(self, index: int, records: Sequence[KeyValue]) -> None:
        await trio.lowlevel.checkpoint()
        self.appended += [(index, record) for record in records]

    async def append_transactional(
        self, index: int, records: Sequence[KeyValue], producer_id: int, producer_epoch: int
    ) -> None:
        await trio.lowlevel.checkpoint()
        if producer_epoch < self.newest_epoch:
            raise KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
        self.transactional += [(index, producer_id, producer_epoch, record) for record in records]


@define
class Bench:
    """A coordinator with what it stands on, and short forms of the calls."""

    store: MemoryStore = Factory(MemoryStore)
    changelog: MemoryChangelog = Factory(MemoryChangelog)
    clock: TestClock = Factory(TestClock)
    settings: dict[str, str] = Factory(dict)
    ids: "itertools.count[int]" = Factory(itertools.count)
    waits: int = 0  # how often somebody was about to be parked

    def coordinator(self) -> GroupCoordinator:
        config = BrokerConfig.of({"node.id": "1", **self.settings})
        return GroupCoordinator(
            config,
            self.store,
            self.clock,
            cast("TopicCatalog", Topics()),
            cast("Changelog", self.changelog),
        )

    async def before_wait(self) -> None:
        self.waits += 1

    def when_sent(self, call: Callable[[], None]) -> None:
        call()

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
        return await groups.join("g", call, self)

    async def sync(
        self, groups: GroupCoordinator, joined: JoinAnswer, assignments: Mapping[str, bytes]
    ) -> SyncAnswer:
        call = SyncCall(joined.member_id, None, joined.generation_id, None, None, assignments)
        return await groups.sync("g", call, self)

    async def lone_member(self, groups: GroupCoordinator) -> JoinAnswer:
        """A stable group of one."""
        joined = await self.join(groups)
        await self.sync(groups, joined, {joined.member_id: b"all"})
        return joined


@pytest.fixture
def bench() -> Bench:
    return Bench()
