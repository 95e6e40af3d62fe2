"""All partitions of one data directory: `LogStore` on local disk."""

import os

from kbroker.clock import Clock
from kbroker.config.topic import TopicConfig
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.partition_log import PartitionLog


class LocalLogStore:
    """Partitions are opened when first asked for."""

    def __init__(
        self,
        directory: str,
        clock: Clock,
        *,
        environment: LogEnvironment | None = None,
    ) -> None:
        self.directory = directory
        self._environment = environment or LogEnvironment(clock)
        self._partitions: dict[tuple[str, int], PartitionLog] = {}
        os.makedirs(directory, exist_ok=True)

    async def partition(self, topic: str, topic_id: bytes, index: int, config: TopicConfig) -> PartitionLog:
        """See `LogStore.partition`."""
        opened = self._partitions.get((topic, index))
        if opened is None:
            directory = f"{self.directory}/{topic}-{index}"
            os.makedirs(directory, exist_ok=True)
            opened = PartitionLog(
                directory, topic, topic_id, index, config, self._environment
            )
            self._partitions[topic, index] = opened
        return opened

    async def close(self) -> None:
        """Close every partition."""
        for partition in self._partitions.values():
            partition.close()
        self._partitions.clear()
