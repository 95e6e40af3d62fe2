"""What one Fetch reads: again after each wake-up, until there is enough or the time is up.

- the Produce that brings enough answers it, if nothing has to be waited for; else its own task does
- the first batch found is read whole even beyond the limits (KIP-74)
- what is sent comes from `PartitionStore.read_to_send`: no record is decoded
"""

from collections.abc import Collection

import trio

from kbroker.broker.context import RequestContext
from kbroker.broker.leader_epoch import check_leader_epoch
from kbroker.broker.partition import Partition
from kbroker.broker.response_memory import ALWAYS
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.fetch import (
    AbortedTransaction,
    EpochEndOffset,
    FetchableTopicResponse,
    FetchRequest,
    FetchResponse,
    LeaderIdAndEpoch,
    PartitionData,
)
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.fetch_sessions import FetchContext, FetchPartition
from kbroker.storage.interfaces.logs import PartitionStore, ReadResult

READ_COMMITTED = 1
READS_AT_A_STRETCH = 100  # partitions, which take about a millisecond; then others have their turn
CURRENT_LEADER_SINCE = 16
UNKNOWN = (ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_ID)
NOT_READ = (*UNKNOWN, ErrorCode.TOPIC_AUTHORIZATION_FAILED)


class FetchRead:
    """One request's reads. If `ctx.answered` afterwards, nothing is left to answer."""

    def __init__(self, request: FetchRequest, ctx: RequestContext, fetch: FetchContext) -> None:
        self._request = request
        self._ctx = ctx
        self._fetch = fetch
        self._committed = request.isolation_level == READ_COMMITTED
        self._max_bytes = min(request.max_bytes, ctx.broker.config.int("fetch.max.bytes"))
        if ctx.charge is not None:
            self._max_bytes = int(min(self._max_bytes, ctx.charge.most_fetched()))
        self._min_bytes = min(request.min_bytes, self._max_bytes)
        self._is_replica = request.replica_id >= 0 or request.replica_state.replica_id >= 0
        self._guarded = ctx.broker.authorizer is not None
        self._found: list[Partition | None] = []  # in the order in which they are wanted, once it waits
        self._data: list[PartitionData] = []
        self._size = self._left = 0  # bytes that were read, and may still be
        self._no_room = False  # slow readers hold all
        self._held_back = False  # there is a batch, but no room for it as slow readers hold too much
        self._urgent = False  # an error or a divergence: the client must hear of it now

    async def until_answerable(self) -> None:
        """Read; if that isn't enough, wait for more and read again."""
        await self._read_all()
        max_wait_ms = self._request.max_wait_ms
        if self._answerable() or max_wait_ms <= 0:
            return
        await self._ctx.before_wait()
        at_once = self._answer_at_once if len(self._fetch.partitions) < READS_AT_A_STRETCH else None
        self._found = [await self._partition(wanted) for wanted in self._fetch.partitions]
        with (
            self._ctx.broker.purgatory.waiting_for(filter(None, self._found)) as waiter,
            trio.move_on_after(max_wait_ms / 1000),
        ):
            while not self._ctx.answered:
                if self._held_back:
                    await self._ctx.broker.response_memory.wait_for_room()
                waiter.arm(self._min_bytes)
                await self._read_all()
                if self._answerable() or (waiter.moved and self._some_unknown()):
                    return
                waiter.found(self._size)
                if not self._held_back:
                    await waiter.wait(None if self._size else at_once)
        if not self._ctx.answered:
            await self._read_all()

    def _answer_at_once(self, grown: Collection[Partition]) -> None:
        """Answer while its task waits, if nothing must be waited for: all that there is has come to these."""
        if not self._ctx.can_answer_parked:
            return
        self._begin()
        for number, (wanted, partition) in enumerate(zip(self._fetch.partitions, self._found, strict=True)):
            if partition is not None and partition in grown:
                data = self._read_at_once(wanted, partition)
                if data is None:
                    return
                self._data[number] = data
                self._count(wanted, data)
        if self._answerable():
            self._ctx.answer_parked(self.response())

    def _answerable(self) -> bool:
        return (
            self._urgent
            or self._size >= self._min_bytes
            or all(data.error_code in NOT_READ for data in self._data)
        )

    def _some_unknown(self) -> bool:
        return any(data.error_code in UNKNOWN for data in self._data)

    async def _read_all(self) -> None:
        self._begin()
        self._data = []
        for number, wanted in enumerate(self._fetch.partitions, start=1):
            if number % READS_AT_A_STRETCH == 0:
                await trio.lowlevel.checkpoint()
            data = await self._read(wanted)
            self._data.append(data)
            self._count(wanted, data)

    def _begin(self) -> None:
        room = self._ctx.broker.response_memory.room
        self._size = 0
        self._left = min(self._max_bytes, max(room, ALWAYS))
        self._no_room = not room
        self._held_back = False

    def _count(self, wanted: FetchPartition, data: PartitionData) -> None:
        size = len(data.records) if data.records else 0
        if self._no_room and not size and not self._size and data.error_code == ErrorCode.NONE:
            self._held_back |= wanted.fetch_offset < self._readable_to(data)
        self._size += size
        self._left = max(0, self._left - size)
        failed = data.error_code not in (ErrorCode.NONE, *NOT_READ)
        self._urgent |= failed or data.diverging_epoch.epoch >= 0

    @property
    def _at_least_one(self) -> bool:
        """Whether the next batch found may be larger than what is left."""
        return not self._no_room and not self._size

    def _readable_to(self, data: PartitionData) -> int:
        return data.last_stable_offset if self._committed else data.high_watermark

    async def _partition(self, wanted: FetchPartition) -> Partition | None:
        topics = self._ctx.broker.topics
        name_or_id = wanted.topic
        topic = topics.get(name_or_id) if isinstance(name_or_id, str) else topics.by_id(name_or_id)
        if topic is None or not 0 <= wanted.index < topic.partitions:
            return None
        wanted.name = topic.name
        return await self._ctx.broker.partition(topic, wanted.index)

    def _may_read(self, wanted: FetchPartition) -> bool:
        if self._is_replica:
            return self._ctx.authorize_cluster(AclOperation.CLUSTER_ACTION)
        name: str | None
        if isinstance(wanted.topic, str):
            name = wanted.topic
        else:
            topic = self._ctx.broker.topics.by_id(wanted.topic)
            name = wanted.name if topic is None else topic.name
        # An id that nobody ever found has no name that could be hidden.
        return not name or self._ctx.authorize(AclOperation.READ, AclResourceType.TOPIC, name)

    async def _read(self, wanted: FetchPartition) -> PartitionData:
        try:
            if self._guarded and not self._may_read(wanted):
                code = ErrorCode.TOPIC_AUTHORIZATION_FAILED
                return PartitionData(wanted.index, code, high_watermark=-1, records=b"")
            partition = await self._partition(wanted)
            if partition is None:
                self._check_not_made_again(wanted)
                return PartitionData(wanted.index, self._unknown(wanted), high_watermark=-1, records=b"")
            if self._is_replica:
                return self._not_a_replica(wanted, partition)
            max_bytes = min(wanted.max_bytes, self._left)
            if max_bytes < 0:
                raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
            if wanted.current_leader_epoch >= 0:
                check_leader_epoch(wanted.current_leader_epoch, partition.store.leader_epoch)
            diverging = await _divergence(wanted, partition.store)
            if diverging is not None:
                data = self._bounds(wanted, partition)
                data.diverging_epoch = diverging
                return data
            result = await partition.store.read_to_send(
                wanted.fetch_offset,
                max_bytes,
                self._ctx.broker.read_cold,
                committed=self._committed,
                at_least_one=self._at_least_one,
            )
        except KafkaError as error:
            return _error(wanted, error.code)
        return self._with_records(wanted, partition, result)

    def _read_at_once(self, wanted: FetchPartition, partition: Partition) -> PartitionData | None:
        """As `_read`, of a partition that has been read before and grew; None unless all goes well, and at once."""
        if self._guarded and not self._may_read(wanted):
            return None
        try:
            result = partition.store.read_at_once(
                wanted.fetch_offset,
                min(wanted.max_bytes, self._left),
                committed=self._committed,
                at_least_one=self._at_least_one,
            )
        except KafkaError:
            return None
        return None if result is None else self._with_records(wanted, partition, result)

    def _with_records(
        self, wanted: FetchPartition, partition: Partition, result: ReadResult
    ) -> PartitionData:
        data = self._bounds(wanted, partition)
        data.records = result.records  # type: ignore[assignment]  # all that is asked of it here is its length
        if self._committed:
            data.aborted_transactions = [
                AbortedTransaction(aborted.producer_id, aborted.first_offset)
                for aborted in result.aborted_transactions
            ]
        return data

    def _check_not_made_again(self, wanted: FetchPartition) -> None:
        """Raise INCONSISTENT_TOPIC_ID if a topic that was deleted since the id was found has a successor (KIP-516)."""
        topic = self._ctx.broker.topics.get(wanted.name)
        if topic is not None and wanted.topic not in (topic.name, topic.topic_id):
            raise KafkaError(ErrorCode.INCONSISTENT_TOPIC_ID)

    def _unknown(self, wanted: FetchPartition) -> ErrorCode:
        by_id = isinstance(wanted.topic, bytes) and self._ctx.broker.topics.by_id(wanted.topic) is None
        # An id that a session found once is, like a name, a topic that is gone.
        return (
            ErrorCode.UNKNOWN_TOPIC_ID if by_id and not wanted.name else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        )

    def _not_a_replica(self, wanted: FetchPartition, partition: Partition) -> PartitionData:
        """No other broker has a replica of anything here; whoever says it has is told the leader (KIP-951)."""
        data = _error(wanted, ErrorCode.NOT_LEADER_OR_FOLLOWER)
        if self._ctx.api_version >= CURRENT_LEADER_SINCE:
            data.current_leader = LeaderIdAndEpoch(self._ctx.broker.node_id, partition.store.leader_epoch)
        return data

    def _bounds(self, wanted: FetchPartition, partition: Partition) -> PartitionData:
        store = partition.store
        return PartitionData(
            partition_index=wanted.index,
            high_watermark=store.high_watermark,
            last_stable_offset=store.last_stable_offset,
            log_start_offset=store.log_start_offset,
            aborted_transactions=None,
            records=b"",
        )

    def response(self) -> FetchResponse:
        """Put together what was read last."""
        session = self._fetch.session
        read = zip(self._fetch.partitions, self._data, strict=True)
        answered = sorted(read, key=lambda pair: pair[1].error_code in NOT_READ)
        if session is not None:
            answered = [pair for pair in answered if _has_news(*pair) or not self._fetch.incremental]
            for wanted, data in answered:
                if data.records:
                    session.served(wanted.key)
        topics: dict[bytes | str, FetchableTopicResponse] = {}
        for wanted, data in answered:
            topic = topics.get(wanted.topic)
            if topic is None:
                topic = topics[wanted.topic] = _topic_response(wanted.topic)
            topic.partitions.append(data)
        return FetchResponse(session_id=session.id if session else 0, responses=list(topics.values()))


async def _divergence(wanted: FetchPartition, store: PartitionStore) -> EpochEndOffset | None:
    """Where the log's history leaves the client's, if it does. Raises KafkaError OFFSET_OUT_OF_RANGE."""
    if wanted.last_fetched_epoch < 0:
        return None
    end = await store.offset_for_epoch(wanted.last_fetched_epoch)
    if end.leader_epoch < 0 or end.end_offset < 0:
        raise KafkaError(ErrorCode.OFFSET_OUT_OF_RANGE)
    if end.leader_epoch < wanted.last_fetched_epoch or end.end_offset < wanted.fetch_offset:
        return EpochEndOffset(end.leader_epoch, end.end_offset)
    return None


def _has_news(wanted: FetchPartition, data: PartitionData) -> bool:
    """Whether a session's client must hear of this partition; notes what it is told."""
    if data.error_code != ErrorCode.NONE:
        wanted.high_watermark = -1  # so that it is told again once the error is gone
        return True
    bounds_moved = wanted.must_be_told(data.high_watermark, data.log_start_offset)
    return bounds_moved or bool(data.records) or data.diverging_epoch.epoch >= 0


def _topic_response(name_or_id: bytes | str) -> FetchableTopicResponse:
    if isinstance(name_or_id, str):
        return FetchableTopicResponse(topic=name_or_id)
    return FetchableTopicResponse(topic_id=name_or_id)


def _error(wanted: FetchPartition, code: ErrorCode) -> PartitionData:
    return PartitionData(
        partition_index=wanted.index,
        error_code=code,
        high_watermark=-1,
        aborted_transactions=None,
        records=b"",
    )
