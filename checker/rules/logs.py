"""What a history says about each partition's log: compact, eight bytes an offset and kind of knowledge.

A record is known by its producer and its number, packed into an int. What rules share is gathered here once.
"""

from array import array
from collections.abc import Iterator
from typing import TypeAlias

from attrs import Factory, define
from histories.events import Event
from histories.identity import packed

Ints: TypeAlias = "array[int]"  # array is generic for type checkers only
NOTHING = -1
MOST_LEAP = 1 << 22  # offsets, between the highest that is known and another: what is more can't be
MOST_CONFLICTS = 1000  # of a partition


@define
class Topic:
    """What was asked of a topic: `keys` > 0 if compacted (a record's key is its number modulo it)."""

    keys: int = 0
    trimmed: bool = False  # its beginning may go
    transactional: bool = False


@define
class Producer:
    """What a producer may do."""

    idempotent: bool = False
    transactional: bool = False
    attempts: bytearray = Factory(bytearray)  # by number: how often it may have been appended, up to 255


@define
class Conflict:
    """Two different records at one offset: as `source` has it, and as it was known; NOTHING: no log has that offset."""

    offset: int
    record: int
    known: int
    source: str
    event: tuple[str, int]


def _empty() -> Ints:
    return array("q")


@define
class PartitionLog:
    """One partition: records by offset as reads showed them (`seen`) and as appends were acknowledged."""

    seen: Ints = Factory(_empty)
    acknowledged: Ints = Factory(_empty)
    gaps: dict[str, Ints] = Factory(lambda: {"uncommitted": array("q"), "committed": array("q")})
    conflicts: list[Conflict] = Factory(list)
    start: int = 0  # the last that a read told
    end: int = 0  # how far the last reads saw everything
    final: bool = False

    def records(self) -> Iterator[tuple[int, int]]:
        """(offset, record) of all that reads showed."""
        return ((offset, record) for offset, record in enumerate(self.seen) if record != NOTHING)

    def passed(self, isolation: str) -> Iterator[int]:
        """Offsets that a read went by without showing a record, as far as there may have been one."""
        known, gaps = max(len(self.seen), len(self.acknowledged)), self.gaps[isolation]
        for start, end in zip(gaps[::2], gaps[1::2], strict=True):
            yield from range(max(0, start), min(end, known))

    def record_at(self, offset: int) -> int:
        """What is known to be there, by a read or by an acknowledgement."""
        for known in (self.seen, self.acknowledged):
            if offset < len(known) and known[offset] != NOTHING:
                return known[offset]
        return NOTHING


class Logs:
    """Gathers topics, producers and partitions."""

    def __init__(self) -> None:
        self.topics: dict[str, Topic] = {}
        self.producers: dict[int, Producer] = {}
        self.partitions: dict[tuple[str, int], PartitionLog] = {}

    def observe(self, event: Event) -> None:
        """Take an event in."""
        data = event.data
        if event.kind == "append":
            self._append(event)
        elif event.kind == "read" and event.type == "ok":
            self._read(event)
        elif event.kind == "topic":
            self.topics[data["topic"]] = Topic(data["keys"], data["trimmed"], data["transactional"])
        elif event.kind == "producer":
            self.producers[data["producer"]] = Producer(data["idempotent"], data["transactional"])

    def partition(self, topic: str, partition: int) -> PartitionLog:
        """The log of a partition, empty at first."""
        return self.partitions.setdefault((topic, partition), PartitionLog())

    def _append(self, event: Event) -> None:
        data = event.data
        first, count = data["first"], data["count"]
        if event.type in {"invoke", "fail"}:
            attempts = self.producers[data["producer"]].attempts
            attempts.extend(bytes(max(0, first + count - len(attempts))))
            change = 1 if event.type == "invoke" else -1
            for number in range(first, first + count):
                attempts[number] = min(255, attempts[number] + change)
        elif event.type == "ok" and data.get("offset", -1) >= 0:
            log = self.partition(data["topic"], data["partition"])
            _put(
                log, log.acknowledged, data["offset"], packed(data["producer"], first), count, "append", event
            )

    def _read(self, event: Event) -> None:
        data = event.data
        log = self.partition(data["topic"], data["partition"])
        gaps, position = log.gaps[data["isolation"]], data["from"]
        for offset, producer, first, count in data["runs"]:
            _put(log, log.seen, offset, packed(producer, first), count, "read", event)
            if offset > position:
                gaps.extend((position, offset))
            position = offset + count
        if data["next"] > position:
            gaps.extend((position, data["next"]))
        log.start = data.get("start", log.start)
        if data.get("final"):
            log.final = True
            log.end = max(log.end, data["next"])


def _put(
    log: PartitionLog, into: Ints, offset: int, record: int, count: int, source: str, event: Event
) -> None:
    """Note records from an offset on; what was known otherwise of one is a conflict, and stays."""
    operation = event.process, event.operation
    if not 0 <= offset <= len(into) + MOST_LEAP:
        log.conflicts.append(Conflict(offset, record, NOTHING, source, operation))
        return
    if len(into) < offset + count:
        into.extend(array("q", [NOTHING]) * (offset + count - len(into)))
    known, wanted = into[offset : offset + count], array("q", range(record, record + count))
    if known == wanted:
        return
    for place, (before, now) in enumerate(zip(known, wanted, strict=True)):
        if before in {NOTHING, now}:
            into[offset + place] = now
        elif len(log.conflicts) < MOST_CONFLICTS:
            log.conflicts.append(Conflict(offset + place, now, before, source, operation))
