"""Committed offsets of all groups: committing, forgetting and expiring them."""

from collections.abc import Iterable, Mapping

import trio
from attrs import define

from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer, check_commit
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.offset_expiry import expired_offsets
from kbroker.state.groups.subscription import CONSUMER_PROTOCOL_TYPE
from kbroker.state.offsets import CommittedOffset, TopicPartition
from kbroker.storage.interfaces import GroupStore

_MS_PER_MINUTE = 60_000


@define
class GroupOffsets:
    """The offsets in `groups`, and in the store behind them."""

    _groups: dict[str, Group]
    _store: GroupStore
    _config: BrokerConfig
    _clock: Clock

    async def commit(self, committer: Committer, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
        """Commit; nothing is kept of `offsets` when the committer may not, even if there are none.

        Whoever commits without a generation makes the group, if there is none.
        Raises KafkaError as `check_commit` does, GROUP_ID_NOT_FOUND, COORDINATOR_NOT_AVAILABLE.
        """
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
        try:
            await self._store.commit_offsets(committer.group_id, offsets)
        except KafkaError as error:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message) from error
        for (topic, partition), offset in offsets.items():
            group.offsets.put(topic, partition, offset)

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
        """Forget offsets of a group."""
        gone = [(topic, partition) for topic, partition in partitions if group.offsets.get(topic, partition)]
        if gone:
            await self._store.delete_offsets(group.group_id, gone)
            for topic, partition in gone:
                group.offsets.remove(topic, partition)

    async def topic_deleted(self, name: str) -> None:
        """Forget all offsets in a topic."""
        for group in list(self._groups.values()):
            partitions = group.offsets.by_topic.get(name, {})
            await self.delete(group, [(name, partition) for partition in partitions])

    async def expire(self) -> None:
        """Forget offsets that outlived offsets.retention.minutes, and empty groups that have none left."""
        retention_ms = self._config.int("offsets.retention.minutes") * _MS_PER_MINUTE
        now_ms = self._clock.now_ms()
        for group in list(self._groups.values()):
            await self.delete(group, expired_offsets(group, retention_ms, now_ms))
            if group.state is GroupState.EMPTY and not group.offsets:
                await self._store.delete_group(group.group_id)
                self._groups.pop(group.group_id, None)
