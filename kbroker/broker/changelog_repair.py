"""Makes an internal topic tell again what its store holds: after an unclean stop, or after a failed append.

A broker that dies between a write to the store and the append after it leaves the topic without the last change; a
power cut may take more, of either. What differs is appended: what readers have seen is corrected, not taken back.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from attrs import Factory, define

from kbroker.broker.changelog import Changelog
from kbroker.protocol.coordinator_batch import KeyValue
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.records import BatchHeader, ControlType, control_type, iter_batches, records_of
from kbroker.storage.interfaces.file_region import in_memory
from kbroker.storage.interfaces.logs import PartitionStore

log = logging.getLogger(__name__)

READ_BYTES = 16_384  # about a millisecond's work

Pause = Callable[[], Awaitable[None]]
# For each key the value to write, and others that say the same.
Truth = Mapping[bytes, Sequence[bytes]]
# The truth of a partition, and keys not to touch, since a transaction is about to change them.
FindTruth = Callable[[int], Awaitable[tuple[Truth, set[bytes]]]]


@define
class TopicRepair:
    """Compares a changelog's partitions with the store, one at a time. `names` are the groups or ids it tells of."""

    _topic: str
    _changelog: Changelog
    _names: Callable[[], Iterable[str]]
    _truth: FindTruth

    async def suspect(self, sizes_bytes: Mapping[int, int], *, clean: bool) -> None:
        """Mark what may be stale after a start; `sizes_bytes` are those of all partitions, if there is the topic.

        After a clean stop these are partitions that tell nothing of what they should: once the topic was empty.
        """
        try:
            indexes = {await self._changelog.partition_of(name) for name in self._names()}
        except KafkaError as error:
            log.warning("%s cannot tell of what is stored: %s", self._topic, error)
            return
        if clean:
            self._changelog.stale |= {index for index in indexes if not sizes_bytes.get(index)}
        else:
            self._changelog.stale |= indexes.union(index for index, size in sizes_bytes.items() if size)

    @property
    def is_due(self) -> bool:
        """Whether a partition is stale."""
        return bool(self._changelog.stale)

    async def run(self, pause: Pause) -> None:
        """Repair stale partitions; one that fails stays so."""
        for index in list(self._changelog.stale):
            self._changelog.stale.discard(index)
            try:
                corrections = await repair(self._changelog, index, lambda: self._truth(index), pause)  # noqa: B023
            # ValueError: numbers that no record has room for
            except (KafkaError, ProtocolError, ValueError) as error:
                self._changelog.stale.add(index)
                log.warning("%s-%d cannot be repaired yet: %s", self._topic, index, error)
            else:
                if corrections:
                    log.info("%s-%d has been told of %d changes it lacked", self._topic, index, corrections)


@define
class Told:
    """What the records of a partition come to, as read_committed readers see them; tombstones are None."""

    values: dict[bytes, bytes | None] = Factory(dict)
    _open: dict[int, list[KeyValue]] = Factory(dict)  # by producer id

    @property
    def in_flux(self) -> set[bytes]:
        """Keys that open transactions are about to change."""
        return {key for records in self._open.values() for key, _ in records}

    def take(self, header: BatchHeader, batch: memoryview) -> None:
        """One batch more. Raises ProtocolError."""
        records = [(record.key or b"", record.value) for record in records_of(batch)]
        if header.is_control:
            ended = self._open.pop(header.producer_id, [])
            if any(control_type(record) == ControlType.COMMIT for record in records_of(batch)):
                self.values.update(ended)
        elif header.is_transactional:
            self._open.setdefault(header.producer_id, []).extend(records)
        else:
            self.values.update(records)


async def repair(
    changelog: Changelog, index: int, truth: Callable[[], Awaitable[tuple[Truth, set[bytes]]]], pause: Pause
) -> int:
    """Append what a partition lacks; returns how many records that were.

    `truth` tells what the store holds for the partition, and which keys not to touch, since a transaction is about to
    change them. `pause` lets others have their turn; between its last call and the append nothing must suspend.

    Raises KafkaError KAFKA_STORAGE_ERROR, ProtocolError for records that can't be read.
    """
    store = (await changelog.partition(index)).store
    told = Told()
    offset = store.log_start_offset
    while True:
        offset = await _read_on(store, offset, told)
        if offset >= store.high_watermark:
            held, in_flux = await truth()
            break
        await pause()
    in_flux |= told.in_flux
    lacking: list[KeyValue] = [
        (key, values[0]) for key, values in held.items() if told.values.get(key) not in values
    ]
    lacking += [(key, None) for key, value in told.values.items() if value is not None and key not in held]
    corrections = [each for each in lacking if each[0] not in in_flux]
    if corrections:
        await changelog.append_to(index, corrections)
    return len(corrections)


async def _read_on(store: PartitionStore, offset: int, told: Told) -> int:
    """Take the next batches; returns the offset after them, the end if there are none."""
    read = await store.read(offset, READ_BYTES, at_least_one=True)
    after = offset
    for header, batch in iter_batches(in_memory(read.records)):
        if header.base_offset >= offset:  # a compacted batch may begin before
            told.take(header, batch)
        after = header.last_offset + 1
    return after if after > offset else store.high_watermark
