"""A partition as handlers use it: its log, and the fetches that wait for it to grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import define, field

if TYPE_CHECKING:
    from kbroker.protocol.records import BatchHeader
    from kbroker.state.topics import Topic
    from kbroker.storage.interfaces.logs import AppendResult, PartitionStore


class Waiter(Protocol):
    """Something parked until partitions change."""

    def grown(self, partition: Partition, size: int) -> None:
        """`size` more bytes can be read from `partition`, which is waited for. Never raises."""
        ...

    def changed(self) -> None:
        """A partition went away or its bounds moved: look again now."""
        ...


@define(eq=False)
class Partition:
    """One partition of a topic. Lives as long as the topic; the log behind it opens and closes as it likes."""

    topic: Topic
    index: int
    store: PartitionStore
    waiters: set[Waiter] = field(factory=set)

    async def append(
        self,
        batch: memoryview,
        header: BatchHeader,
        log_append_time_ms: int = -1,
        *,
        sequenced: bool = True,
    ) -> AppendResult:
        """Append a validated batch and wake whoever waits for it, see PartitionStore.append."""
        result = await self.store.append(batch, header, log_append_time_ms, sequenced=sequenced)
        if self.waiters and not result.duplicate:
            for waiter in tuple(self.waiters):
                waiter.grown(self, len(batch))
        return result

    async def append_marker(self, batch: memoryview, transaction_version: int) -> None:
        """Append the marker that ends a transaction: all that it held back can be read from now on."""
        await self.store.append_marker(batch, transaction_version)
        self.notify_changed()

    async def delete_records(self, before_offset: int) -> int:
        """Move the log start offset up, see PartitionStore.delete_records; fetches below it must hear of it."""
        log_start_offset = await self.store.delete_records(before_offset)
        self.notify_changed()
        return log_start_offset

    def notify_changed(self) -> None:
        """Wake all waiters unconditionally."""
        for waiter in tuple(self.waiters):
            waiter.changed()
