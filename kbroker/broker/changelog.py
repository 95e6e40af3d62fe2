"""An internal topic, written by a coordinator beside its store, for those who read Kafka's own records.

The store is the truth, the topic tells of it: lag exporters, `kafka-console-consumer` and `kafka-dump-log` read it.
The store is written first, so that the topic never tells what isn't true. What could not be appended after that
leaves a partition stale, to be repaired from the store.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from attrs import Factory, define

from kbroker.broker.partition import Partition
from kbroker.clock import Clock
from kbroker.limited_log import LimitedLog
from kbroker.protocol.coordinator_batch import KeyValue, encode_coordinator_batch
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import NO_PRODUCER_ID, Codec
from kbroker.state.java_strings import partition_for
from kbroker.state.record_validation import LOG_APPEND_TIME
from kbroker.state.topics import Topic

log = logging.getLogger(__name__)

MAX_BATCH_RECORDS: Final = 1000


@define
class Changelog:
    """Appends to a topic, which is created at first need. Its partitions' logs are opened at first need, too."""

    _topic: Callable[[], Awaitable[Topic]]
    _partition: Callable[[Topic, int], Awaitable[Partition]]
    _clock: Clock
    _codec: Codec = Codec.NONE
    _base_sequence: int = 0  # Apache Kafka's two coordinators write different ones, which nobody reads
    stale: set[int] = Factory(set)  # partitions that lack something
    _limited_log: LimitedLog = Factory(lambda: LimitedLog(log))

    async def partition_of(self, key: str) -> int:
        """The partition that tells of a group or a transactional id. Raises KafkaError KAFKA_STORAGE_ERROR."""
        return partition_for(key, (await self._topic()).partitions)

    async def partition(self, index: int) -> Partition:
        """The partition itself. Raises KafkaError KAFKA_STORAGE_ERROR, UNKNOWN_TOPIC_OR_PARTITION."""
        return await self._partition(await self._topic(), index)

    async def open(self, key: str) -> None:
        """Have the topic, and the log of the partition that tells of `key`: after this, `append` does not suspend.

        To be awaited before the store is written. Else two changes could reach the topic in another order than the
        store, and a caller that is cancelled would be in the store alone. What fails here is `append`'s to report.
        """
        try:
            topic = await self._topic()
            await self._partition(topic, partition_for(key, topic.partitions))
        except KafkaError:
            pass

    async def append(self, key: str, records: Sequence[KeyValue]) -> None:
        """Append what was stored of a group or a transactional id; a value of None is a tombstone.

        What can't be appended is logged, and the partition is stale then.
        """
        try:
            topic = await self._topic()
        except KafkaError as error:
            self._limited_log.warning("no topic", "A change of %r is in no internal topic: %s", key, error)
            return
        await self._append_stored(topic, partition_for(key, topic.partitions), records)

    async def append_to(self, index: int, records: Sequence[KeyValue]) -> None:
        """As `append`, for a partition by its number, which `partition_of` has told."""
        await self._append_stored(await self._topic(), index, records)

    async def _append_stored(self, topic: Topic, index: int, records: Sequence[KeyValue]) -> None:
        try:
            await self._append(topic, index, records)
        except KafkaError as error:
            self.stale.add(index)
            self._limited_log.warning(
                f"lacks:{index}", "Partition %d of an internal topic lacks a change: %s", index, error
            )

    async def append_transactional(
        self, index: int, records: Sequence[KeyValue], producer_id: int, producer_epoch: int
    ) -> None:
        """Append to a producer's transaction, before it is stored: the log knows which epochs are too old.

        Raises KafkaError: INVALID_PRODUCER_EPOCH, KAFKA_STORAGE_ERROR, RECORD_LIST_TOO_LARGE,
        UNKNOWN_TOPIC_OR_PARTITION when the topic has just been deleted.
        """
        await self._append(await self._topic(), index, records, producer_id, producer_epoch)

    async def _append(
        self,
        topic: Topic,
        index: int,
        records: Sequence[KeyValue],
        producer_id: int = NO_PRODUCER_ID,
        producer_epoch: int = -1,
    ) -> None:
        partition = await self._partition(topic, index)
        now_ms = self._clock.now_ms()
        appended_ms = now_ms if topic.config.message_timestamp_type == LOG_APPEND_TIME else -1
        for start in range(0, len(records), MAX_BATCH_RECORDS):
            batch, header = encode_coordinator_batch(
                records[start : start + MAX_BATCH_RECORDS],
                now_ms,
                codec=self._codec,
                producer_id=producer_id,
                producer_epoch=producer_epoch,
                base_sequence=self._base_sequence,
            )
            await partition.append(memoryview(batch), header, appended_ms, sequenced=False)
