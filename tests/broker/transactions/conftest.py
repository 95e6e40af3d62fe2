"""A broker whose transactions are looked at without a server: partitions, producers and what readers see."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define

from kbroker.broker.broker import Broker
from kbroker.broker.partition import Partition
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header, records_of
from kbroker.state.topics import TRANSACTION_STATE

TIMEOUT_MS = 60_000


class MovableClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def now_ms(self) -> int:
        return self.now


@define
class Scene:
    """A broker on a directory that can be started again, with topic `t` of three partitions."""

    path: Path
    clock: MovableClock
    broker: Broker
    settings: dict[str, str]

    async def partition(self, index: int = 0, topic: str = "t") -> Partition:
        found = self.broker.topics.get(topic)
        assert found is not None
        return await self.broker.partition(found, index)

    async def write(
        self, producer: tuple[int, int], sequence: int, index: int = 0, value: bytes = b"v"
    ) -> int:
        """One record of a transaction, straight into the log."""
        batch = encode_batch(
            [Record(0, self.clock.now, b"k", value)],
            producer_id=producer[0],
            producer_epoch=producer[1],
            base_sequence=sequence,
            transactional=True,
        )
        partition = await self.partition(index)
        return (await partition.append(memoryview(batch), parse_header(batch))).base_offset

    async def committed(self, index: int = 0, topic: str = "t") -> list[bytes | None]:
        """Values that a read_committed reader keeps."""
        store = (await self.partition(index, topic)).store
        found = await store.read(store.log_start_offset, 1_000_000, committed=True, at_least_one=True)
        aborted = sorted(found.aborted_transactions, key=lambda each: each.first_offset)
        hidden: set[int] = set()
        values: list[bytes | None] = []
        for header, batch in iter_batches(found.records):
            while aborted and aborted[0].first_offset <= header.last_offset:
                hidden.add(aborted.pop(0).producer_id)
            if header.is_control:
                hidden.discard(header.producer_id)
            elif header.base_offset < store.last_stable_offset and header.producer_id not in hidden:
                values += [record.value for record in records_of(batch)]
        return values

    async def log_of(self, topic: str, index: int) -> list[Record]:
        """Every record of a partition."""
        store = (await self.partition(index, topic)).store
        data: Any = (await store.read(0, 1_000_000)).records
        return [record for _, batch in iter_batches(data) for record in records_of(batch)]


@pytest.fixture
def settings() -> dict[str, str]:
    """What the broker is configured with; a test module may have its own."""
    return {}


@pytest.fixture
async def scene(tmp_path: Path, settings: dict[str, str]) -> AsyncIterator[Scene]:
    clock = MovableClock()
    async with open_broker(BrokerConfig.of({"node.id": "1", **settings}), tmp_path, clock) as broker:
        await broker.topics.create("t", 3, {})
        await broker.topics.create(TRANSACTION_STATE, 5, {"cleanup.policy": "compact"})
        yield Scene(tmp_path, clock, broker, settings)
