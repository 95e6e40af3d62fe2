"""A partition wakes those who wait for it."""

from attrs import define

from kbroker.broker.partition import Partition
from kbroker.protocol.records import BatchHeader, Record, encode_batch, parse_header
from kbroker.storage.interfaces.logs import AppendResult


@define(eq=False)
class Store:
    """Takes anything; every second append is a duplicate."""

    appended: int = 0

    async def append(
        self, batch: memoryview, header: BatchHeader, log_append_time_ms: int, *, sequenced: bool
    ) -> AppendResult:
        self.appended += 1
        return AppendResult(0, -1, 0, self.appended % 2 == 0)

    async def delete_records(self, before_offset: int) -> int:
        return before_offset


@define(eq=False)
class Waiter:
    """Notes what it is told."""

    bytes_grown: int = 0
    changes: int = 0

    def grown(self, partition: Partition, size: int) -> None:
        self.bytes_grown += size

    def changed(self) -> None:
        self.changes += 1


async def test_waiters_hear_of_growth_but_not_of_duplicates() -> None:
    partition = Partition(None, 0, Store())  # type: ignore[arg-type]
    waiter = Waiter()
    partition.waiters.add(waiter)
    batch = encode_batch([Record(value=b"v")])
    for _ in range(2):
        await partition.append(memoryview(batch), parse_header(batch))
    assert waiter.bytes_grown == len(batch)


async def test_waiters_hear_of_deleted_records() -> None:
    partition = Partition(None, 0, Store())  # type: ignore[arg-type]
    waiter = Waiter()
    partition.waiters.add(waiter)
    assert await partition.delete_records(5) == 5
    assert waiter.changes == 1
