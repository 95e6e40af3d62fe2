"""What compaction leaves of one batch.

As in Apache Kafka: a record stays if it has a key that no later record has, a tombstone only until its batch's
delete horizon. That is set when the batch is first compacted, `delete.retention.ms` ahead, so that every
consumer has that long to see the deletion (KIP-534). A batch that nothing is left of goes, unless it holds its
producer's last sequence or the last offset compacted: then its header stays. The marker of a transaction that has
no batches left gets a delete horizon as a tombstone does.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import attrs

from kbroker.protocol.batch import pack_header, seal
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.records import (
    HEADER_SIZE,
    LENGTH_OVERHEAD,
    NO_TIMESTAMP,
    BatchHeader,
    Codec,
    Record,
    encode_batch,
    has_valid_crc,
    parse_header,
    records_of,
)
from kbroker.storage.interfaces.background import Background
from kbroker.storage.interfaces.logs import Buffer
from kbroker.storage.log.cleaned_transactions import CleanedTransactions
from kbroker.storage.log.offset_map import OffsetMap

_logger = logging.getLogger(__name__)
_KEPT_ATTRIBUTES = 0x38  # of an empty batch: timestamp type, transactional, control
_RECORDS_A_PAUSE = 128
MOST_RECORDS = 1_000_000  # of a batch; what 1 MB unpacks to may be 30 times that, of 300 bytes each


class LastRecord(NamedTuple):
    """What a log's end tells of a producer: the last offset of its last batch, -1 if it wrote only markers."""

    last_offset: int
    producer_epoch: int


@attrs.define
class Compaction:
    """What holds for all batches of a log in one cleaning, which are given in order. Times in ms."""

    latest: OffsetMap
    transactions: CleanedTransactions
    producers: Mapping[int, LastRecord]  # by id, those that are remembered
    now_ms: int
    delete_retention_ms: int
    unreadable: int = 0  # batches that were kept because their records can't be read

    async def apply(self, batch: bytes, background: Background) -> Buffer:
        """What is stored in a batch's place: itself, a smaller one, or nothing."""
        header = parse_header(batch)
        try:
            if header.is_control:
                return self._marker(batch, header)
            aborted = self.transactions.is_aborted(header)
            if header.base_offset >= self.latest.end:
                return batch
            return self._rest(batch, header, [] if aborted else await self._kept(batch, header, background))
        except (ProtocolError, KafkaError):
            self.unreadable += 1
            return batch

    def _marker(self, batch: bytes, header: BatchHeader) -> Buffer:
        """A marker of a transaction that has no batches is kept as long as a tombstone. Raises ProtocolError."""
        if not self.transactions.is_over(header, batch) or header.base_offset >= self.latest.end:
            return batch
        horizon = header.delete_horizon_ms
        records = [] if horizon is not None and horizon <= self.now_ms else list(records_of(batch))
        return self._rest(batch, header, records, expires=True)

    def _rest(
        self, batch: bytes, header: BatchHeader, records: list[Record], *, expires: bool = False
    ) -> Buffer:
        if not records:
            return _without_records(header) if self._must_stay(header) else b""
        horizon = header.delete_horizon_ms
        if horizon is None and (expires or any(record.value is None for record in records)):
            horizon = self.now_ms + self.delete_retention_ms
        if len(records) == header.record_count and horizon == header.delete_horizon_ms:
            return batch
        return encode_batch(
            records,
            base_offset=header.base_offset,
            last_offset=header.last_offset,
            leader_epoch=header.partition_leader_epoch,
            codec=Codec(header.codec),
            timestamp_type=header.timestamp_type,
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            base_sequence=header.base_sequence,
            transactional=header.is_transactional,
            control=header.is_control,
            delete_horizon_ms=horizon,
        )

    async def _kept(self, batch: bytes, header: BatchHeader, background: Background) -> list[Record]:
        _check(batch, header)
        horizon = header.delete_horizon_ms
        tombstones_stay = horizon is None or self.now_ms < horizon
        kept = []
        for number, record in enumerate(_records(batch, header), 1):
            if not number % _RECORDS_A_PAUSE:
                await background.pause()
            key = record.key
            if key is None or not self.latest.is_latest(key, record.offset):
                continue
            if record.value is not None or tombstones_stay:
                kept.append(record)
        return kept

    def _must_stay(self, header: BatchHeader) -> bool:
        """As long as its producer is remembered: a restart may have to read its last sequence or epoch from the log."""
        if header.last_offset + 1 == self.latest.end:
            return True
        known = self.producers.get(header.producer_id)
        if known is None:
            return False
        if known.last_offset < 0:
            return header.is_control and header.producer_epoch == known.producer_epoch
        return header.last_offset == known.last_offset


async def keys_of(batch: bytes, background: Background) -> list[tuple[bytes, int]]:
    """Key and offset of each record that has a key. Raises ProtocolError, KafkaError."""
    _check(batch, parse_header(batch))
    keys = []
    for number, record in enumerate(_records(batch, parse_header(batch)), 1):
        if not number % _RECORDS_A_PAUSE:
            await background.pause()
        if record.key is not None:
            keys.append((record.key, record.offset))
    return keys


def _check(batch: bytes, header: BatchHeader) -> None:
    """Raise ProtocolError for a batch that is not to be unpacked."""
    if not has_valid_crc(batch):
        raise ProtocolError("the batch does not match its CRC")
    if header.record_count > MOST_RECORDS:
        raise ProtocolError(
            f"{header.record_count} records in a batch are too many to have in memory at once"
        )


def _records(batch: bytes, header: BatchHeader) -> Iterator[Record]:
    """The records of a batch. Raises ProtocolError, also for an offset outside of the batch.

    Producers may write any, as to Apache Kafka; here none makes later records of its key look like earlier ones.
    """
    for record in records_of(batch):
        if not header.base_offset <= record.offset <= header.last_offset:
            raise ProtocolError(f"a record of offset {record.offset}")
        yield record


def _without_records(header: BatchHeader) -> bytearray:
    batch = bytearray(
        pack_header(
            attrs.evolve(
                header,
                batch_length=HEADER_SIZE - LENGTH_OVERHEAD,
                attributes=header.attributes & _KEPT_ATTRIBUTES,
                base_timestamp=NO_TIMESTAMP,
                record_count=0,
            )
        )
    )
    seal(batch)
    return batch
