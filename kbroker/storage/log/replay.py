"""Producer state from the log: the last usable snapshot, and the batches after it. The log is the truth."""

import logging
from collections.abc import Iterable
from pathlib import Path

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.records import BatchHeader, ControlType, control_type, coordinator_epoch, records_of
from kbroker.state.producers import EndedTransaction, Producers, last_sequence_of
from kbroker.storage.interfaces.background import Background
from kbroker.storage.log import producer_snapshot
from kbroker.storage.log.batch_scan import BATCHES_A_PAUSE, StoredBatch, read_batch
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.segment import Segment
from kbroker.storage.log.segment_list import SegmentList
from kbroker.storage.log.segment_names import NAME_DIGITS, file_name
from kbroker.storage.log.segment_search import batches_from
from kbroker.storage.log.txn_index import AbortedEntry

_logger = logging.getLogger(__name__)
_TRANSACTIONAL = 0x10
_CONTROL = 0x20

Marker = tuple[bool, int]  # aborted, coordinator epoch


def read_marker(batch: bytes | memoryview) -> Marker | None:
    """What a control batch says; None when it ends no transaction (other control types, or cleaned away)."""
    try:
        record = next(records_of(batch), None)
        if record is None:
            return None
        kind = control_type(record)
        if kind not in {ControlType.ABORT, ControlType.COMMIT}:
            return None
        return kind == ControlType.ABORT, coordinator_epoch(record)
    except ProtocolError:
        return None


def snapshot_offsets(directory: str) -> list[int]:
    """Offsets of the snapshots in a partition's directory, rising."""
    suffix = producer_snapshot.SUFFIX
    return sorted(
        int(path.name[:NAME_DIGITS])
        for path in Path(directory).iterdir()
        if path.name.endswith(suffix) and len(path.name) == NAME_DIGITS + len(suffix)
    )


async def load_producers(  # noqa: PLR0917  all that they are made from
    directory: str,
    segments: SegmentList,
    recovery_point: int,
    log_end: int,
    environment: LogEnvironment,
    background: Background,
) -> Producers:
    """Producers of a log that has just been opened, its transaction indexes being made right on the way.

    Snapshots above the recovery point are not used: what they stand for may not all be on the disk. Raises
    OSError.
    """
    producers = Producers()
    start = _load_snapshot(directory, min(recovery_point, log_end), producers, environment)
    for segment in segments.from_offset(start):
        ended = await _replay_segment(segment, start, producers, background)
        kept = [entry for entry in segment.aborted if entry.last_offset < start]
        segment.aborted = kept + [aborted_entry(each) for each in ended if each.aborted]
    producers.expire(environment.clock.now_ms(), environment.producer_id_expiration_ms)
    return producers


def _load_snapshot(directory: str, limit: int, producers: Producers, environment: LogEnvironment) -> int:
    """Load the newest good snapshot at or below `limit`; returns its offset, 0 when there is none."""
    for offset in reversed(snapshot_offsets(directory)):
        path = f"{directory}/{file_name(offset, producer_snapshot.SUFFIX)}"
        if offset > limit:
            environment.files.unlink(path)
            continue
        try:
            producers.load(producer_snapshot.parse(Path(path).read_bytes()))
        except producer_snapshot.CorruptSnapshotError:
            _logger.warning("%s: cannot be read, an older one or the log serves", path)
            environment.files.unlink(path)
            continue
        return offset
    return 0


async def _replay_segment(
    segment: Segment, start: int, producers: Producers, background: Background
) -> list[EndedTransaction]:
    ended = []
    with segment.reading() as descriptor:
        for number, batch in enumerate(batches_from(segment, start, descriptor), 1):
            if not number % BATCHES_A_PAUSE:
                await background.pause()
            if batch.last_offset >= start and batch.producer_id >= 0:
                is_control = batch.attributes & _CONTROL
                control = read_batch(descriptor, batch) if is_control else b""
                transaction = replay(batch, control, producers)
                if transaction is not None:
                    ended.append(transaction)
    return ended


def replay(
    batch: StoredBatch | BatchHeader, control: bytes | memoryview, producers: Producers
) -> EndedTransaction | None:
    """Tell `producers` of a producer's batch in the log; `control` is all of it if it is a control batch."""
    if batch.attributes & _CONTROL:
        marker = read_marker(control)
        if marker is None:
            return None
        aborted, epoch = marker
        return producers.record_marker(
            batch.producer_id, batch.producer_epoch, epoch, batch.base_offset, batch.max_timestamp, aborted
        )
    delta = batch.last_offset - batch.base_offset
    producers.record(
        batch.producer_id,
        batch.producer_epoch,
        batch.base_sequence,
        last_sequence_of(batch.base_sequence, delta),
        batch.base_offset,
        batch.last_offset,
        batch.max_timestamp,
        bool(batch.attributes & _TRANSACTIONAL),
    )
    return None


def aborted_entry(ended: EndedTransaction) -> AbortedEntry:
    """What the transaction index keeps of an aborted transaction."""
    return AbortedEntry(ended.producer_id, ended.first_offset, ended.last_offset, ended.last_stable_offset)


def aborted_between(segments: Iterable[Segment], start: int, end: int) -> list[AbortedEntry]:
    """Aborted transactions that a reader of the offsets from `start` up to `end` must know of.

    `segments` are those from the one that holds `start` on: a marker comes after its transaction's records.
    """
    found = []
    for segment in segments:
        for entry in segment.aborted:
            if entry.last_offset >= start and entry.first_offset < end:
                found.append(entry)
            if entry.last_stable_offset >= end:
                return found
    return found
