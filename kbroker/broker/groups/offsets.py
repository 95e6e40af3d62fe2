"""Committed offsets of all groups: committing, forgetting and expiring them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

import trio
from attrs import define

from kbroker.broker.changelog import Changelog
from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.coordinator_batch import KeyValue
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer, check_commit
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.offset_expiry import expired_offsets
from kbroker.state.groups.records import group_key, offset_key, offset_value
from kbroker.state.groups.subscription import CONSUMER_PROTOCOL_TYPE
from kbroker.state.offsets import CommittedOffset, TopicPartition
from kbroker.storage.interfaces.groups import GroupStore

_MS_PER_MINUTE: Final = 60_000
GROUPS_AT_ONCE: Final = 200  # whose offsets are forgotten in one transaction, before others have their turn

Forgetting = tuple[Collection[TopicPartition], bool]  # offsets to forget, and whether the group goes, too


@define
class GroupOffsets:
    """The offsets in `groups`, in the store behind them, and in the topic beside that."""

    _groups: dict[str, Group]
    _store: GroupStore
    _changelog: Changelog
    _config: BrokerConfig
    _clock: Clock

    async def commit(self, committer: Committer, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
        """Commit; nothing is kept of `offsets` when the committer may not, even if there are none.

        Whoever commits without a generation makes the group, if there is none.
        Raises KafkaError as `check_commit` does, GROUP_ID_NOT_FOUND, COORDINATOR_NOT_AVAILABLE.
        """
        await self._changelog.open(committer.group_id)
        group = self._groups.get(committer.group_id)
        if group is None:
            if committer.generation_id >= 0:
                raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)
            group = self._groups[committer.group_id] = Group(
                committer.group_id, state_timestamp_ms=self._clock.now_ms()
            )
        check_commit(group, committer, trio.current_time())
        if not offsets:
            return
        records = [offset_record(group, partition, offset) for partition, offset in offsets.items()]
        superseded = group.pending_offsets.later_commits(offsets) if group.pending_offsets else ()
        try:
            await self._store.commit_offsets(committer.group_id, offsets, superseded)
        except KafkaError as error:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message) from error
        for (topic, partition), offset in offsets.items():
            group.offsets.put(topic, partition, offset)
        if superseded:
            group.pending_offsets.supersede(superseded)
        await self._changelog.append(committer.group_id, records)

    def check_delete(self, group_id: str) -> Group:
        """The group whose offsets may be deleted, if its members don't consume the topic.

        Raises KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
        """
        group = self._groups.get(group_id)
        if group is None:
            raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)
        # What the members of other kinds of groups use, such as Connect's, nobody here can tell.
        if group.state is not GroupState.EMPTY and group.protocol_type != CONSUMER_PROTOCOL_TYPE:
            raise KafkaError(ErrorCode.NON_EMPTY_GROUP)
        return group

    async def delete(self, group: Group, partitions: Iterable[TopicPartition]) -> None:
        """Forget offsets of a group, those that transactions hold as well."""
        gone = [each for each in partitions if group.offsets.get(*each) or each in group.pending_offsets]
        if gone:
            await self._forget([(group, (gone, False))])

    async def delete_group(self, group: Group) -> None:
        """Forget a group with all its offsets."""
        await self._forget([(group, (_all_of(group), True))])

    async def topic_deleted(self, name: str) -> None:
        """Forget all offsets in a topic."""

        def in_topic(group: Group) -> Forgetting:
            gone = {(name, partition) for partition in group.offsets.by_topic.get(name, ())}
            return gone.union(each for each in group.pending_offsets if each[0] == name), False

        with trio.CancelScope(shield=True):  # the topic is gone, whatever becomes of who deleted it
            await self._forget_of_all(in_topic)

    async def expire(self) -> None:
        """Forget offsets that outlived offsets.retention.minutes, and empty groups that have none left."""
        retention_ms = self._config.int("offsets.retention.minutes") * _MS_PER_MINUTE
        now_ms = self._clock.now_ms()

        def outlived(group: Group) -> Forgetting:
            gone = expired_offsets(group, retention_ms, now_ms)
            ends = group.state is GroupState.EMPTY and not group.pending_offsets
            return gone, ends and len(gone) == sum(map(len, group.offsets.by_topic.values()))

        await self._forget_of_all(outlived)

    async def _forget_of_all(self, what: Callable[[Group], Forgetting]) -> None:
        """Look at all groups, a few at a time, so that others have their turn."""
        names = list(self._groups)
        for start in range(0, len(names), GROUPS_AT_ONCE):
            groups = [self._groups.get(name) for name in names[start : start + GROUPS_AT_ONCE]]
            await self._forget([(group, what(group)) for group in groups if group is not None])
            await trio.lowlevel.checkpoint()

    async def _forget(self, what: Iterable[tuple[Group, Forgetting]]) -> None:
        forgotten = [(group, each) for group, each in what if each[0] or each[1]]
        if not forgotten:
            return
        indexes = [await self._changelog.partition_of(group.group_id) for group, _ in forgotten]
        await self._store.forget(
            {group.group_id: partitions for group, (partitions, _) in forgotten if partitions},
            [group.group_id for group, (_, ends) in forgotten if ends],
        )
        tombstones: dict[int, list[KeyValue]] = {}
        for index, (group, (partitions, ends)) in zip(indexes, forgotten, strict=True):
            tombstones.setdefault(index, []).extend(_tombstones(group.group_id, partitions, ends))
            for topic, partition in partitions:
                group.offsets.remove(topic, partition)
            group.pending_offsets.forget(partitions)
            if ends:
                self._groups.pop(group.group_id, None)
        for index, records in tombstones.items():
            if records:
                await self._changelog.append_to(index, records)


def _tombstones(group_id: str, partitions: Collection[TopicPartition], ends: bool) -> list[KeyValue]:
    """What tells that these are gone; nothing of a group whose name no key has room for: it was never told of."""
    try:
        keys = [offset_key(group_id, *partition) for partition in partitions]
        return [(key, None) for key in (*keys, *([group_key(group_id)] if ends else []))]
    except ValueError:
        return []


def offset_record(
    group: Group, partition: TopicPartition, offset: CommittedOffset, *, transactional: bool = False
) -> KeyValue:
    """What `__consumer_offsets` tells of an offset."""
    return offset_key(group.group_id, *partition), offset_value(offset, transactional=transactional)


def _all_of(group: Group) -> Collection[TopicPartition]:
    committed = {
        (topic, index) for topic, partitions in group.offsets.by_topic.items() for index in partitions
    }
    return committed.union(group.pending_offsets)
