"""Incremental fetch sessions (KIP-227): what each consumer fetches, so that it need only say what changed.

Rules kept here:
- epoch 0 asks for a new session, epoch -1 for none; both end the session the request names.
- epoch n of a session must follow n-1; after 2**31-1 comes 1.
- a full cache evicts a session unused for two minutes, else, for a larger session, a smaller one that is older
  than two minutes; with nothing to evict the client is simply not given a session.
"""

import random
from collections.abc import Iterable

from attrs import define, field

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

INITIAL_EPOCH = 0
FINAL_EPOCH = -1
NO_SESSION = 0
EVICTION_MS = 120_000  # Apache Kafka's MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS

# A partition's key: topic id (bytes, Fetch v13+) or topic name (str), and partition index.
FetchKey = tuple[bytes | str, int]


@define(eq=False)
class FetchPartition:
    """What a client wants of one partition, and what it was last told about it."""

    topic: bytes | str
    index: int
    fetch_offset: int
    max_bytes: int
    current_leader_epoch: int = -1
    last_fetched_epoch: int = -1
    high_watermark: int = -1
    log_start_offset: int = -1
    name: str = ""  # of the topic whose id this is, once the id has been found

    @property
    def key(self) -> FetchKey:
        """Identity within a session."""
        return (self.topic, self.index)

    def take_over(self, wanted: "FetchPartition") -> None:
        """Replace what is wanted, keep what the client was told."""
        self.fetch_offset = wanted.fetch_offset
        self.max_bytes = wanted.max_bytes
        self.current_leader_epoch = wanted.current_leader_epoch
        self.last_fetched_epoch = wanted.last_fetched_epoch

    def must_be_told(self, high_watermark: int, log_start_offset: int) -> bool:
        """Whether the client doesn't know these bounds yet; from now on it does."""
        news = high_watermark != self.high_watermark or log_start_offset != self.log_start_offset
        self.high_watermark = high_watermark
        self.log_start_offset = log_start_offset
        return news


@define(eq=False)
class FetchSession:
    """One client's session. Partitions are in the order in which they are to be served next."""

    id: int
    uses_topic_ids: bool
    created_ms: int
    last_used_ms: int
    epoch: int = 1  # that the next request must carry
    partitions: dict[FetchKey, FetchPartition] = field(factory=dict)

    def update(self, wanted: Iterable[FetchPartition], forgotten: Iterable[FetchKey]) -> None:
        """Apply the changes that an incremental request brings."""
        for partition in wanted:
            known = self.partitions.get(partition.key)
            if known is None:
                self.partitions[partition.key] = partition
            else:
                known.take_over(partition)
        for key in forgotten:
            self.partitions.pop(key, None)

    def served(self, key: FetchKey) -> None:
        """Move a partition that just gave records to the end, so that the others get their turn."""
        partition = self.partitions.pop(key, None)
        if partition is not None:
            self.partitions[key] = partition


@define
class FetchContext:
    """The outcome of a request's session fields: what to read, and how to answer."""

    partitions: list[FetchPartition]
    session: FetchSession | None  # None: no session, every partition is answered
    incremental: bool  # answer only what has news

    def told(self) -> list[tuple[int, int]]:
        """What the client knows of each partition, before an answer that it may not get."""
        return [(partition.high_watermark, partition.log_start_offset) for partition in self.partitions]

    def forget(self, told: list[tuple[int, int]]) -> None:
        """The answer was not given: the client knows what `told` says, and no partition was served."""
        for partition, (high_watermark, log_start_offset) in zip(self.partitions, told, strict=True):
            partition.high_watermark = high_watermark
            partition.log_start_offset = log_start_offset
        if self.session is not None:
            self.session.partitions = {partition.key: partition for partition in self.partitions}


def next_epoch(epoch: int) -> int:
    """The epoch after `epoch`; 0 and -1 have meanings of their own and are never reached."""
    return 1 if epoch == 2**31 - 1 else epoch + 1


class FetchSessions:
    """The sessions of one broker, `slots` at most."""

    def __init__(self, slots: int, rng: random.Random | None = None) -> None:
        self._slots = slots
        self._sessions: dict[int, FetchSession] = {}  # least recently used first
        self._random = rng or random.SystemRandom()

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(
        self,
        session_id: int,
        epoch: int,
        wanted: list[FetchPartition],
        forgotten: Iterable[FetchKey],
        *,
        uses_topic_ids: bool,
        now_ms: int,
    ) -> FetchContext:
        """Work out what a Fetch request asks for.

        Raises KafkaError: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR.
        """
        if epoch in (INITIAL_EPOCH, FINAL_EPOCH):
            self._sessions.pop(session_id, None)
            unique = {partition.key: partition for partition in wanted}
            session = None
            if epoch == INITIAL_EPOCH:
                session = self._create(unique, uses_topic_ids, now_ms)
            return FetchContext(list(unique.values()), session, incremental=False)

        session = self._sessions.get(session_id)
        if session is None:
            raise KafkaError(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
        if session.epoch != epoch:
            raise KafkaError(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
        if session.uses_topic_ids != uses_topic_ids:
            raise KafkaError(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
        session.update(wanted, forgotten)
        if not session.partitions:
            del self._sessions[session_id]
            return FetchContext([], None, incremental=False)
        session.last_used_ms = now_ms
        self._sessions[session_id] = self._sessions.pop(session_id)
        session.epoch = next_epoch(epoch)
        return FetchContext(list(session.partitions.values()), session, incremental=True)

    def end(self, session: FetchSession) -> None:
        """Forget a session that the client is not told of."""
        self._sessions.pop(session.id, None)

    def _create(
        self, partitions: dict[FetchKey, FetchPartition], uses_topic_ids: bool, now_ms: int
    ) -> FetchSession | None:
        if len(self._sessions) >= self._slots and not self._evict(len(partitions), now_ms):
            return None
        session_id = NO_SESSION
        while session_id == NO_SESSION or session_id in self._sessions:
            session_id = self._random.randint(1, 2**31 - 1)
        session = FetchSession(session_id, uses_topic_ids, now_ms, now_ms, partitions=partitions)
        self._sessions[session_id] = session
        return session

    def _evict(self, size: int, now_ms: int) -> bool:
        oldest = next(iter(self._sessions.values()), None)
        if oldest is None:
            return False
        if now_ms - oldest.last_used_ms > EVICTION_MS:
            del self._sessions[oldest.id]
            return True
        settled = [s for s in self._sessions.values() if now_ms - s.created_ms > EVICTION_MS]
        smallest = min(settled, key=lambda s: len(s.partitions), default=None)
        if smallest is None or len(smallest.partitions) >= size:
            return False
        del self._sessions[smallest.id]
        return True
