"""All partitions of one broker: `LogStore` on local disk, in one directory or several."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces.background import AT_ONCE
from kbroker.storage.log.closed_logs import compaction_possible, retention_due, segment_files
from kbroker.storage.log.directories import Directories
from kbroker.storage.log.directory_logs import DirectoryLogs
from kbroker.storage.log.replica_moves import ReplicaMoves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kbroker.config.topic import TopicConfig
    from kbroker.storage.interfaces.background import Background
    from kbroker.storage.interfaces.logs import KnownPartition, LogDir, Replica
    from kbroker.storage.log.data_dir import DataDir
    from kbroker.storage.log.directory_logs import Key
    from kbroker.storage.log.environment import LogEnvironment
    from kbroker.storage.log.partition_log import PartitionLog
    from kbroker.storage.log.placement import DirectoryIds

_logger = logging.getLogger(__name__)
_EVERY_DIRECTORY = "*"


class LocalLogStore:
    """See `LogStore`. `flush` alone may run in another thread."""

    def __init__(
        self,
        data_dir: DataDir,
        environment: LogEnvironment,
        others: Sequence[DataDir] = (),
        *,
        offline: Sequence[str] = (),
        directory_ids: DirectoryIds | None = None,
    ) -> None:
        """The caller keeps the directories open for as long. Raises OSError, KafkaError.

        `offline`: absolute paths of directories that can't be used. `directory_ids` is needed when there are, or
        have been, several directories.
        """
        self.was_clean = all(each.clean for each in (data_dir, *others)) and not offline
        several = bool(others or offline)
        self._environment = environment
        self._directories = Directories(
            [DirectoryLogs(each, environment, one_of_several=several) for each in (data_dir, *others)],
            offline,
            directory_ids,
            environment.settings,
        )
        self._moves = ReplicaMoves(self._directories, environment.settings)

    # Directories

    async def place(self, topic: str, indexes: Iterable[int]) -> None:
        """See `LogStore.place`."""
        self._directories.place(topic, indexes)

    def is_offline(self, topic: str, index: int) -> bool:
        """See `LogStore.is_offline`."""
        return self._directories.is_offline(topic, index)

    async def log_dirs(self) -> list[LogDir]:
        """See `LogStore.log_dirs`."""
        return self._directories.describe()

    async def move(self, topic: str, index: int, path: str) -> bool:
        """See `LogStore.move`."""
        return self._moves.begin((topic, index), path)

    def unfinished_moves(self) -> list[Key]:
        """See `LogStore.unfinished_moves`."""
        return list(self._directories.unfinished)

    async def resume_move(self, topic: str, index: int) -> None:
        """See `LogStore.resume_move`."""
        self._moves.resume((topic, index))

    async def carry_on_moves(self, background: Background) -> None:
        """See `LogStore.carry_on_moves`."""
        await self._moves.carry_on(background)

    # Partitions

    async def partition(
        self,
        topic: str,
        topic_id: bytes,
        index: int,
        config: TopicConfig,
        background: Background = AT_ONCE,
    ) -> PartitionLog:
        """See `LogStore.partition`. Raises KafkaError KAFKA_STORAGE_ERROR."""
        directory = self._directories.home((topic, index))
        opened = directory.partitions.get((topic, index))
        if opened is not None and opened.topic_id == topic_id:
            return opened
        try:
            return await directory.open(topic, topic_id, index, config, background)
        except OSError as error:
            directory.environment.failed(error)
            cannot = f"open {topic}-{index}"
            self._environment.limited_log.error(cannot, "%s-%d: cannot be opened: %s", topic, index, error)
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error

    def opened(self) -> Iterator[PartitionLog]:
        """All logs that are open."""
        for directory in self._directories:
            yield from directory.partitions.values()

    async def replicas(self, topic: str, topic_id: bytes, index: int) -> list[Replica]:
        """See `LogStore.replicas`. Of a log that is not open the size is that of its files."""
        from kbroker.storage.interfaces.logs import Replica

        key = topic, index
        try:
            directory = self._directories.home(key)
            opened = directory.partitions.get(key)
            if opened is not None and opened.topic_id == topic_id:
                size = await opened.size_bytes()
            else:
                size = sum(file.size for file in segment_files(directory.directory_of(key)))
        except (OSError, KafkaError):
            return []
        found = [Replica(directory.path, size)]
        if opened is not None and (future := self._moves.future(key, opened)) is not None:
            found.append(future)
        return found

    async def delete_topic(
        self, topic: str, topic_id: bytes, partitions: int, background: Background = AT_ONCE
    ) -> None:
        """See `LogStore.delete_topic`. Raises KafkaError KAFKA_STORAGE_ERROR."""
        try:
            for index in range(partitions):
                key = topic, index
                self._moves.cancel(key)
                for directory in self._directories:
                    directory.remove(key, topic_id)
                await background.pause()
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error
        if self._directories.placement is not None:
            self._directories.placement.forget(topic, range(partitions))

    # Housekeeping

    def is_due(self, partition: KnownPartition, now_ms: int) -> bool:
        """See `LogStore.is_due`. Looks at names, sizes and times of files, and opens none for that."""
        key = partition.topic, partition.index
        config = partition.config
        try:
            directory = self._directories.home(key)
            if key in directory.partitions:
                return False
            files = segment_files(directory.directory_of(key))
            compacted_to = directory.cleaner.compacted_to(key)
            return retention_due(files, config, now_ms) or compaction_possible(files, config, compacted_to)
        except (OSError, KafkaError) as error:
            _logger.debug("%s-%d: cannot be looked at for retention: %s", *key, error)
            return False

    async def clean(self, now_ms: int, background: Background) -> None:
        """See `LogStore.clean`."""
        for directory in self._directories.online():
            await directory.clean(now_ms, background)

    async def enforce_retention(self, now_ms: int) -> None:
        """See `LogStore.enforce_retention`."""
        for directory in self._directories.online():
            directory.enforce_retention(now_ms)
        self._environment.open_files.close_idle()

    async def remove_deleted(self, now_ms: int) -> None:
        """See `LogStore.remove_deleted`."""
        for directory in self._directories.online():
            directory.environment.trash.remove_due(now_ms)

    def flush_due(self, now_ms: int) -> bool:
        """See `LogStore.flush_due`."""
        due = [directory.flush_due(now_ms) for directory in self._directories.online()]  # each has its turn
        return any(due)

    def flush(self, now_ms: int) -> None:  # noqa: ARG002 - part of the interface
        """See `LogStore.flush`. A log that cannot be synced stops serving, and the others go on."""
        _for_each([directory.flush for directory in self._directories.online()])

    def close(self) -> None:
        """Stop cleanly, see `DirectoryLogs.close`. Raises OSError."""
        self._moves.close()
        _for_each([directory.close for directory in self._directories])


def _for_each(calls: Iterable[Callable[[], None]]) -> None:
    """Whatever becomes of one directory, the others have their turn."""
    failure: OSError | None = None
    for call in calls:
        try:
            call()
        except OSError as error:
            failure = error
    if failure is not None:
        raise failure
