"""All partitions of one data directory: `LogStore` on local disk."""

import os
from collections.abc import Callable

from kbroker.clock import Clock
from kbroker.config.topic import TopicConfig
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.partition_log import PartitionLog


class LocalLogStore:
    """Partitions are opened when first asked for. `topic_config` gives the shared, live config of a topic."""

    def __init__(
        self,
        directory: str,
        topic_config: Callable[[str], TopicConfig],
        clock: Clock,
        *,
        environment: LogEnvironment | None = None,
    ) -> None:
        self.directory = directory
        self._topic_config = topic_config
        self._environment = environment or LogEnvironment(clock)
        self._partitions: dict[tuple[str, int], PartitionLog] = {}
        os.makedirs(directory, exist_ok=True)

    async def partition(self, topic: str, topic_id: bytes, index: int) -> PartitionLog:
        """See `LogStore.partition`."""
        opened = self._partitions.get((topic, index))
        if opened is None:
            directory = f"{self.directory}/{topic}-{index}"
            os.makedirs(directory, exist_ok=True)
            opened = PartitionLog(
                directory, topic, topic_id, index, self._topic_config(topic), self._environment
            )
            self._partitions[topic, index] = opened
        return opened

    async def close(self) -> None:
        """Close every partition."""
        for partition in self._partitions.values():
            partition.close()
        self._partitions.clear()
