"""Reads of partitions, recorded: one fetch of a topic, one operation for each partition."""

import contextlib
from collections.abc import Mapping

from attrs import define
from histories.recorder import Operation, Recorder

from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic, PartitionData
from kbroker.protocol.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from workloads.patience import Patience
from workloads.raw.connection import Connection
from workloads.raw.records import CorruptError, Run, read

FETCH, LIST_OFFSETS = 11, 5  # versions
EARLIEST = -2
CORRUPT_MESSAGE, OFFSET_OUT_OF_RANGE = 2, 1


@define
class Found:
    """What a read of a partition showed, and where it went on to."""

    runs: list[Run]
    next: int
    high: int
    stable: int


class Reader:
    """Reads for one process of a history."""

    def __init__(self, recorder: Recorder, name: str, connection: Connection, *, committed: bool) -> None:
        self._recorder, self._name, self._connection = recorder, name, connection
        self._committed = committed

    def fetch(
        self,
        topic: str,
        positions: Mapping[int, int],
        *,
        most_bytes: int = 1 << 20,
        wait_ms: int = 50,
        final: bool = False,
    ) -> dict[int, Found]:
        """What is at these positions, by partition; of those that failed there is nothing."""
        self._connection.connect()
        isolation = "committed" if self._committed else "uncommitted"
        more = {"final": True} if final else {}
        operations = {
            partition: self._recorder.invoke(
                self._name,
                "read",
                topic=topic,
                partition=partition,
                isolation=isolation,
                **{"from": position},
                **more,
            )
            for partition, position in positions.items()
        }
        asked = [
            FetchPartition(partition=partition, fetch_offset=position, partition_max_bytes=most_bytes)
            for partition, position in positions.items()
        ]
        request = FetchRequest(
            max_wait_ms=wait_ms, min_bytes=1, isolation_level=int(self._committed), session_id=0, rack_id="",
            topics=[FetchTopic(topic=topic, partitions=asked)], forgotten_topics_data=[],
        )  # fmt: skip
        try:
            answer = self._connection.ask(request, FETCH)
        except OSError as error:
            for operation in operations.values():
                operation.unknown(error=str(error))
            return {}
        found = {}
        for data in answer.responses[0].partitions if answer.responses else ():
            operation, position = operations.pop(data.partition_index), positions[data.partition_index]
            if what := self._found(data, position, operation):
                found[data.partition_index] = what
        for operation in operations.values():
            operation.fail(error=answer.error_code)
        return found

    def _found(self, data: PartitionData, position: int, operation: Operation) -> Found | None:
        if data.error_code:
            operation.fail(error=data.error_code)
            return None
        aborted = [(each.producer_id, each.first_offset) for each in data.aborted_transactions or ()]
        records = memoryview(data.records or b"")
        try:
            runs, after = read(records, position, aborted if self._committed else None)
        except CorruptError as error:
            operation.fail(error=CORRUPT_MESSAGE, what=str(error))
            return None
        operation.ok(runs=runs, next=after, high=data.high_watermark, start=data.log_start_offset)
        return Found(runs, after, data.high_watermark, data.last_stable_offset)

    def earliest(self, topic: str, partition: int) -> int:
        """The log's start."""
        request = ListOffsetsRequest(
            replica_id=-1, isolation_level=0,
            topics=[ListOffsetsTopic(topic, [ListOffsetsPartition(partition_index=partition, timestamp=EARLIEST)])],
            timeout_ms=0,
        )  # fmt: skip
        patience = Patience(f"ListOffsets {topic}-{partition}")
        while True:
            with contextlib.suppress(OSError):
                told = self._connection.ask(request, LIST_OFFSETS).topics[0].partitions[0]
                if not told.error_code:
                    return int(told.offset)
            patience.wait()
