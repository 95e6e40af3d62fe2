"""All partitions of one data directory: `LogStore` on local disk."""

import logging
import os
import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces import Background, KnownPartition, LogDir
from kbroker.storage.log.checkpoints import (
    LOG_START_OFFSETS,
    RECOVERY_POINTS,
    read_offsets,
    read_topic_id,
    write_offsets,
    write_topic_id,
)
from kbroker.storage.log.cleaner import Cleaner
from kbroker.storage.log.closed_logs import compaction_possible, retention_due, segment_files
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.partition_log import PartitionLog

if TYPE_CHECKING:
    from kbroker.storage.log.flush import FlushJob

_logger = logging.getLogger(__name__)
_LONGEST_NAME = 255
_DELETED_DIRECTORY = re.compile(r".+\.[0-9a-f]{32}-delete")
_PARTITION_DIRECTORY = re.compile(r"[a-zA-Z0-9._-]+-[0-9]+")
_DEFAULT_DELETE_DELAY_MS = 60_000
_CHECKPOINT_INTERVAL_MS = 60_000
_SYNC_ALL_FROM = 8  # logs; with more, one sync of everything first is faster than one by one

Key = tuple[str, int]


class LocalLogStore:
    """See `LogStore`.

    Starting reads two checkpoint files and a list of names; all else is opened at first need.

    `flush` alone may run in another thread: it works on what `flush_due` prepared.
    """

    def __init__(self, data_dir: DataDir, environment: LogEnvironment) -> None:
        """The caller keeps `data_dir` open for as long. Raises OSError."""
        self.was_clean = data_dir.clean
        self._data_dir = data_dir
        self._path = os.path.abspath(data_dir.path)
        self._environment = environment
        self._partitions: dict[Key, PartitionLog] = {}
        self._recovery_points = read_offsets(f"{self._path}/{RECOVERY_POINTS}")
        self._log_starts = read_offsets(f"{self._path}/{LOG_START_OFFSETS}")
        self._cleaner = Cleaner(self._path, environment)
        self._checkpoints_stale = False  # the files name partitions that are gone
        self._jobs: list[FlushJob] = []
        self._recovery_points_due: dict[Key, int] | None = None
        self._recovery_points_written = dict(self._recovery_points)
        self._checkpointed_ms = environment.clock.now_ms()
        # Directories that an unclean stop may have left in need of recovery; a marker of a clean one must
        # wait for them.
        self._unverified: set[str] = set()
        for name in os.listdir(self._path):
            if _DELETED_DIRECTORY.fullmatch(name):
                environment.trash.add(f"{self._path}/{name}", 0)
            elif not data_dir.clean and _PARTITION_DIRECTORY.fullmatch(name):
                self._unverified.add(name)

    async def partition(self, topic: str, topic_id: bytes, index: int, config: TopicConfig) -> PartitionLog:
        """See `LogStore.partition`. Raises KafkaError KAFKA_STORAGE_ERROR."""
        opened = self._partitions.get((topic, index))
        if opened is not None and opened.topic_id == topic_id:
            return opened
        try:
            return self._open(topic, topic_id, index, config)
        except OSError as error:
            _logger.error("%s-%d: cannot be opened: %s", topic, index, error)
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error

    def _open(self, topic: str, topic_id: bytes, index: int, config: TopicConfig) -> PartitionLog:
        key = topic, index
        name = f"{topic}-{index}"
        directory = f"{self._path}/{name}"
        if os.path.isdir(directory):
            found = read_topic_id(directory)
            if found is None:
                write_topic_id(self._environment.files, directory, topic_id)
            elif found != topic_id:
                self._set_aside(key, directory)
        if not os.path.isdir(directory):
            self._create(key, directory, topic_id)
        log = PartitionLog(
            directory,
            topic,
            topic_id,
            index,
            config,
            self._environment,
            recovery_point=self._recovery_points.get(key, 0),
            log_start_offset=self._log_starts.get(key, 0),
            log_start_moved=self._save_log_starts,
        )
        self._partitions[key] = log
        self._unverified.discard(name)
        return log

    def _create(self, key: Key, directory: str, topic_id: bytes) -> None:
        """Make a partition's directory.

        Offsets that a topic of that name left behind must not be taken for its own.
        """
        files = self._environment.files
        self._forget(key)
        if self._checkpoints_stale:
            write_offsets(files, f"{self._path}/{LOG_START_OFFSETS}", self._log_starts, durable=False)
            write_offsets(files, f"{self._path}/{RECOVERY_POINTS}", self._recovery_points, durable=False)
            self._checkpoints_stale = False
        files.mkdir(directory)
        write_topic_id(files, directory, topic_id)

    def _set_aside(self, key: Key, directory: str) -> None:
        """Rename a directory that is another topic's, of the same name.

        Kept, since nobody asked for its removal.
        """
        aside = _renamed(directory, "stray")
        _logger.warning(
            "%s belongs to another topic id than its topic has now, and is kept as %s", directory, aside
        )
        self._detach(key)
        self._environment.files.rename(directory, aside)

    def _detach(self, key: Key) -> None:
        log = self._partitions.pop(key, None)
        if log is not None:
            log.detach()
        self._forget(key)

    def _forget(self, key: Key) -> None:
        self._cleaner.forget(key)
        for offsets in (self._recovery_points, self._log_starts):
            if offsets.pop(key, None) is not None:
                self._checkpoints_stale = True

    async def log_dir(self) -> LogDir:
        """See `LogStore.log_dir`."""
        try:
            space = os.statvfs(self._path)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error
        return LogDir(
            self._path,
            self._data_dir.directory_id,
            space.f_blocks * space.f_frsize,
            space.f_bavail * space.f_frsize,
        )

    async def size_bytes(self, topic: str, topic_id: bytes, index: int) -> int:
        """See `LogStore.size_bytes`. Of a log that is not open it is the size of the files."""
        opened = self._partitions.get((topic, index))
        if opened is not None and opened.topic_id == topic_id:
            return await opened.size_bytes()
        try:
            return sum(file.size for file in segment_files(f"{self._path}/{topic}-{index}"))
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error

    async def delete_topic(self, topic: str, topic_id: bytes, partitions: int) -> None:
        """See `LogStore.delete_topic`. Raises KafkaError KAFKA_STORAGE_ERROR."""
        now_ms = self._environment.clock.now_ms()
        try:
            for index in range(partitions):
                directory = f"{self._path}/{topic}-{index}"
                if read_topic_id(directory) not in {topic_id, None}:
                    continue
                log = self._partitions.get((topic, index))
                delay_ms = log.config.file_delete_delay_ms if log is not None else _DEFAULT_DELETE_DELAY_MS
                self._detach((topic, index))
                renamed = _renamed(directory, "delete")
                try:
                    self._environment.files.rename(directory, renamed)
                except FileNotFoundError:
                    continue  # it never was opened
                self._unverified.discard(f"{topic}-{index}")
                self._environment.trash.add(renamed, now_ms + delay_ms)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error

    async def open_due(
        self, now_ms: int, partitions: Iterable[KnownPartition], background: Background
    ) -> None:
        """See `LogStore.open_due`. Looks at names, sizes and times of files, and opens none for that."""
        for known in partitions:
            if (known.topic, known.index) not in self._partitions:
                self._open_if_due(known, now_ms)
            await background.pause()

    def _open_if_due(self, known: KnownPartition, now_ms: int) -> None:
        key = known.topic, known.index
        config = known.config
        try:
            files = segment_files(f"{self._path}/{known.topic}-{known.index}")
            if retention_due(files, config, now_ms) or compaction_possible(
                files, config, self._cleaner.compacted_to(key)
            ):
                self._open(known.topic, known.topic_id, known.index, config)
        except OSError as error:
            _logger.warning("%s-%d: cannot be opened for retention: %s", *key, error)

    async def clean(self, now_ms: int, background: Background) -> None:
        """See `LogStore.clean`. A log that fails keeps no other from its turn."""
        await self._cleaner.clean(self._partitions, now_ms, background)

    async def enforce_retention(self, now_ms: int) -> None:
        """See `LogStore.enforce_retention`.

        Looks at opened logs; a log that fails keeps no other from its turn.
        """
        for log in list(self._partitions.values()):
            try:
                log.enforce_retention(now_ms)
            except OSError as error:
                _logger.warning("%s: retention failed and will be tried again: %s", log.log.directory, error)
        self._environment.open_files.close_idle()

    async def remove_deleted(self, now_ms: int) -> None:
        """See `LogStore.remove_deleted`."""
        self._environment.trash.remove_due(now_ms)

    def flush_due(self, now_ms: int) -> bool:
        """See `LogStore.flush_due`.

        Also when completed segments, or recovery points, have not been synced yet.
        """
        due = [log for log in self._partitions.values() if log.log.flush_due(now_ms)]
        for log in due:
            try:
                self._jobs.append(log.log.prepare_flush())
            except OSError as error:
                _logger.warning("%s: cannot be synced yet: %s", log.log.directory, error)
        if due or now_ms - self._checkpointed_ms >= _CHECKPOINT_INTERVAL_MS:
            self._collect_recovery_points()
            if self._recovery_points != self._recovery_points_written:
                self._recovery_points_due = dict(self._recovery_points)
            self._checkpointed_ms = now_ms
        return bool(self._jobs) or self._recovery_points_due is not None

    def flush(self, now_ms: int) -> None:  # noqa: ARG002 - part of the interface
        """See `LogStore.flush`. A log that cannot be synced stops serving, and the others go on."""
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            _run(job)
        points, self._recovery_points_due = self._recovery_points_due, None
        if points is not None:
            write_offsets(self._environment.files, f"{self._path}/{RECOVERY_POINTS}", points)
            self._recovery_points_written = points

    def _collect_recovery_points(self) -> None:
        for key, log in self._partitions.items():
            self._recovery_points[key] = log.log.recovery_point

    def _save_log_starts(self) -> None:
        """Persist the log start offsets that the segments alone would not tell. Raises OSError."""
        for key, log in self._partitions.items():
            if log.log_start_offset > log.log.segments[0].base_offset:
                self._log_starts[key] = log.log_start_offset
            else:
                self._log_starts.pop(key, None)
        write_offsets(
            self._environment.files, f"{self._path}/{LOG_START_OFFSETS}", self._log_starts, durable=False
        )

    def close(self) -> None:
        """Stop cleanly: sync everything, so that the next start needs no recovery. Blocks.

        A log that fails keeps no other from being closed, but the next start will recover what it left. Raises
        OSError when not even that can be written down.
        """
        jobs = []
        clean = not self._unverified
        for log in self._partitions.values():
            clean &= log.log.failure is None
            try:
                job = log.close()
            except OSError as error:
                _logger.error("%s: cannot be closed cleanly: %s", log.log.directory, error)
                clean = False
            else:
                jobs += [job] if job is not None else []
        if len(jobs) >= _SYNC_ALL_FROM:
            os.sync()
        clean &= not [failure for job in jobs if (failure := _run(job)) is not None]
        self._collect_recovery_points()
        self._save_log_starts()
        write_offsets(self._environment.files, f"{self._path}/{RECOVERY_POINTS}", self._recovery_points)
        self._partitions.clear()
        if clean:
            self._data_dir.mark_clean()


def _run(job: "FlushJob") -> OSError | None:
    """Sync one log; its failure is its own, and logged by it."""
    try:
        job.run()
    except OSError as error:
        return error
    return None


def _renamed(directory: str, reason: str) -> str:
    """Apache Kafka's name for a partition's directory that is no longer one: unique, and not too long."""
    path = Path(directory)
    topic, _, index = path.name.rpartition("-")
    suffix = f"-{index}.{uuid.uuid4().hex}-{reason}"
    return str(path.with_name(topic[: _LONGEST_NAME - len(suffix)] + suffix))
