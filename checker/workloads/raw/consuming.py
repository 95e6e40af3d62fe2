"""Consumers without a group, who follow the ends of logs and now and then go back."""

from collections.abc import Sequence

from workloads.raw.connection import Connection
from workloads.raw.reading import Reader
from workloads.settings import Worker
from workloads.topics import PARTITIONS, topic

BACK_CHANCE, MOST_BACK = 0.01, 3000


class Consumer:
    """Follows some kinds of topics until the worker stops."""

    def __init__(
        self,
        worker: Worker,
        index: int,
        kinds: Sequence[str],
        *,
        committed: bool,
        through_proxy: bool = False,
    ) -> None:
        name = f"{worker.name}.consumer-{index}"
        self._worker = worker
        self._rng = worker.rng(name)
        connection = Connection(worker.proxy if through_proxy else worker.direct)
        self._reader = Reader(worker.recorder, name, connection, committed=committed)
        self._positions = {topic(worker.name, kind): dict.fromkeys(range(PARTITIONS), 0) for kind in kinds}

    def run(self) -> None:
        """Work."""
        while not self._worker.stopping.is_set():
            for name, positions in self._positions.items():
                self._follow(name, positions)

    def _follow(self, name: str, positions: dict[int, int]) -> None:
        most_bytes = self._rng.choice((1, 5000, 1 << 20, 1 << 20))
        found = self._reader.fetch(name, positions, most_bytes=most_bytes)
        for partition, position in positions.items():
            if partition in found:
                positions[partition] = found[partition].next
            else:
                positions[partition] = max(position, self._reader.earliest(name, partition))
            if self._rng.random() < BACK_CHANCE:
                back = position - self._rng.randrange(MOST_BACK)
                positions[partition] = max(back, self._reader.earliest(name, partition))
