"""An internal topic, written by a coordinator beside its store, for those who read Kafka's own records.

The store is the truth, the topic tells of it: lag exporters, `kafka-console-consumer` and `kafka-dump-log` read it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from attrs import define

from kbroker.broker.partition import Partition
from kbroker.clock import Clock
from kbroker.protocol.coordinator_batch import KeyValue, encode_coordinator_batch
from kbroker.protocol.records import NO_PRODUCER_ID, Codec
from kbroker.state.java_strings import partition_for
from kbroker.state.record_validation import LOG_APPEND_TIME
from kbroker.state.topics import Topic

MAX_BATCH_RECORDS: Final = 1000


@define
class Changelog:
    """Appends to a topic, which is created at first need. Its partitions' logs are opened at first need, too."""

    _topic: Callable[[], Awaitable[Topic]]
    _partition: Callable[[Topic, int], Awaitable[Partition]]
    _clock: Clock
    _codec: Codec = Codec.NONE

    async def partition_of(self, key: str) -> int:
        """The partition that tells of a group or a transactional id. Raises KafkaError KAFKA_STORAGE_ERROR."""
        return partition_for(key, (await self._topic()).partitions)

    async def append(
        self,
        index: int,
        records: Sequence[KeyValue],
        *,
        producer_id: int = NO_PRODUCER_ID,
        producer_epoch: int = -1,
    ) -> None:
        """Append keys and values, None for tombstones, in as few batches as can be; transactional with a producer.

        Raises KafkaError: INVALID_PRODUCER_EPOCH, KAFKA_STORAGE_ERROR, RECORD_LIST_TOO_LARGE,
        UNKNOWN_TOPIC_OR_PARTITION when the topic has just been deleted.
        """
        topic = await self._topic()
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
            )
            await partition.append(memoryview(batch), header, appended_ms, sequenced=False)
