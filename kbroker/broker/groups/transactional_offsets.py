"""Offsets that producers commit to groups within their transactions (KIP-98, KIP-447)."""

from collections.abc import Iterable, Mapping

from attrs import Factory, define

from kbroker.broker.changelog import Changelog
from kbroker.broker.groups.offsets import offset_record
from kbroker.broker.partition import Partition
from kbroker.clock import Clock
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer, check_transactional_commit
from kbroker.state.groups.group import Group
from kbroker.state.groups.pending_offsets import PendingOffset
from kbroker.state.offsets import CommittedOffset, TopicPartition
from kbroker.storage.interfaces.groups import GroupStore, StoredPendingOffset


@define
class TransactionalOffsets:
    """The pending offsets in `groups`, in the store behind them, and in the topic beside that.

    Here the topic's partition is written first, as its log knows which producers are fenced. What it has of a
    commit that was not stored then, nobody will read: its producer was told of the error and can only abort, or
    commit the same once more.
    """

    _groups: dict[str, Group]
    _store: GroupStore
    _changelog: Changelog
    _clock: Clock
    # The groups to which an open transaction committed, by partition of `__consumer_offsets` and producer id.
    _open: dict[tuple[int, int], set[str]] = Factory(dict)

    async def changelog_partition(self, group_id: str) -> tuple[int, Partition]:
        """The partition of `__consumer_offsets` that tells of a group, which transactions have to enter.

        Raises KafkaError KAFKA_STORAGE_ERROR, UNKNOWN_TOPIC_OR_PARTITION.
        """
        index = await self._changelog.partition_of(group_id)
        return index, await self._changelog.partition(index)

    async def commit(
        self,
        committer: Committer,
        producer_id: int,
        producer_epoch: int,
        offsets: Mapping[TopicPartition, CommittedOffset],
    ) -> None:
        """Keep offsets until the transaction's end. Whoever commits without a generation makes the group.

        Raises KafkaError as `check_transactional_commit` does, ILLEGAL_GENERATION without a group,
        INVALID_PRODUCER_EPOCH, COORDINATOR_NOT_AVAILABLE.
        """
        group_id = committer.group_id
        await self._changelog.open(group_id)
        group = self._groups.get(group_id)
        if group is None:
            if committer.generation_id >= 0:
                raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
            group = Group(group_id, state_timestamp_ms=self._clock.now_ms())
        check_transactional_commit(group, committer)
        group = self._groups.setdefault(group_id, group)
        if not offsets:
            return
        records = [
            offset_record(group, partition, offset, transactional=True)
            for partition, offset in offsets.items()
        ]
        try:
            index = await self._changelog.partition_of(group_id)
            await self._changelog.append_transactional(index, records, producer_id, producer_epoch)
            await self._store.add_pending_offsets(group_id, producer_id, index, offsets)
        except KafkaError as error:
            if error.code is ErrorCode.INVALID_PRODUCER_EPOCH:
                raise
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, error.message) from error
        self._open.setdefault((index, producer_id), set()).add(group_id)
        for partition, offset in offsets.items():
            group.pending_offsets.put(producer_id, partition, PendingOffset(offset))

    async def complete(self, changelog_partition: int, producer_id: int, *, commit: bool) -> None:
        """A producer's transaction has its marker in a partition of `__consumer_offsets`.

        May be repeated. Raises KafkaError KAFKA_STORAGE_ERROR, nothing having changed.
        """
        group_ids = self._open.get((changelog_partition, producer_id))
        if group_ids is None:
            return
        groups = [group for group in map(self._groups.get, group_ids) if group is not None]
        ended = {group.group_id: group.pending_offsets.end(producer_id, commit=commit) for group in groups}
        await self._store.end_pending_offsets(producer_id, ended)
        for group in groups:
            effects = ended[group.group_id]
            for (topic, partition), offset in effects.committed.items():
                group.offsets.put(topic, partition, offset)
            group.pending_offsets.supersede(effects.superseded)
            group.pending_offsets.remove(producer_id)
        del self._open[changelog_partition, producer_id]

    def load(self, group: Group, pending: Iterable[StoredPendingOffset]) -> None:
        """Take over what a group had pending when the broker was stopped."""
        for one in pending:
            self._open.setdefault((one.changelog_partition, one.producer_id), set()).add(group.group_id)
            group.pending_offsets.put(
                one.producer_id, (one.topic, one.partition), PendingOffset(one.offset, one.superseded)
            )
