"""The partitions of one data directory."""

from __future__ import annotations

import logging
import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.checkpoints import (
    LOG_START_OFFSETS,
    RECOVERY_POINTS,
    read_offsets,
    read_topic_id,
    write_offsets,
    write_topic_id,
)
from kbroker.storage.log.cleaner import Cleaner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kbroker.config.topic import TopicConfig
    from kbroker.storage.interfaces.background import Background
    from kbroker.storage.interfaces.logs import LogDir
    from kbroker.storage.log.data_dir import DataDir
    from kbroker.storage.log.environment import LogEnvironment
    from kbroker.storage.log.flush import FlushJob
    from kbroker.storage.log.partition_log import PartitionLog

_logger = logging.getLogger(__name__)
_LONGEST_NAME = 255
_DELETED_DIRECTORY = re.compile(r".+\.[0-9a-f]{32}-delete")
_FUTURE_DIRECTORY = re.compile(r"(.+)-([0-9]+)\.[0-9a-f]{32}-future")
_PARTITION_DIRECTORY = re.compile(r"([a-zA-Z0-9._-]+)-([0-9]+)")
_DEFAULT_DELETE_DELAY_MS = 60_000
_CHECKPOINT_INTERVAL_MS = 60_000
_SYNC_ALL_FROM = 8  # logs; with more, one sync of everything first is faster than one by one

Key = tuple[str, int]


class DirectoryLogs:
    """Starting reads two checkpoint files and a list of names; all else is opened, and imported, at first need.

    `flush` alone may run in another thread: it works on what `flush_due` prepared.
    """

    def __init__(
        self, data_dir: DataDir, environment: LogEnvironment, *, one_of_several: bool = False
    ) -> None:
        """The caller keeps `data_dir` open for as long. Raises OSError.

        One of several directories is given up at the first I/O error that is not for want of space: see `offline`.
        """
        self._data_dir = data_dir
        self.path = os.path.abspath(data_dir.path)
        self.offline = False
        self.partitions: dict[Key, PartitionLog] = {}
        self.found: set[Key] = set()  # partitions that had a directory at the start
        self.futures: dict[Key, str] = {}  # unfinished copies of partitions, that were to move here
        self._several = one_of_several
        if one_of_several:
            environment = attrs.evolve(environment, on_failure=self._failed)
        self.environment = environment
        self._recovery_points = read_offsets(f"{self.path}/{RECOVERY_POINTS}")
        self._log_starts = read_offsets(f"{self.path}/{LOG_START_OFFSETS}")
        self.cleaner = Cleaner(self.path, environment)
        self._checkpoints_stale = False  # the files name partitions that are gone
        self._jobs: list[FlushJob] = []
        self._recovery_points_due: dict[Key, int] | None = None
        self._recovery_points_written = dict(self._recovery_points)
        self._checkpointed_ms = environment.clock.now_ms()
        # Directories that an unclean stop may have left in need of recovery; a marker of a clean one must
        # wait for them.
        self._unverified: set[str] = set()
        self._opening: dict[Key, object] = {}  # who opens a log, until it is open or gone
        self._look_around()

    def _look_around(self) -> None:
        for name in os.listdir(self.path):
            if _DELETED_DIRECTORY.fullmatch(name):
                self.environment.trash.add(f"{self.path}/{name}")
            elif future := _FUTURE_DIRECTORY.fullmatch(name):
                self.futures[future[1], int(future[2])] = f"{self.path}/{name}"
            elif (self._several or not self._data_dir.clean) and (
                partition := _PARTITION_DIRECTORY.fullmatch(name)
            ):
                self.found.add((partition[1], int(partition[2])))
                if not self._data_dir.clean:
                    self._unverified.add(name)

    # The directory

    @property
    def directory_id(self) -> bytes:
        """See `DataDir`."""
        return self._data_dir.directory_id

    def _failed(self, error: OSError) -> None:
        if self.offline:
            return
        self.offline = True
        _logger.error("%s is given up until the next start: %s", self.path, error)
        for log in list(
            self.partitions.values()
        ):  # their files are closed as idle ones; this may be a thread
            log.log.failure = ErrorCode.KAFKA_STORAGE_ERROR, error.strerror

    def describe(self) -> LogDir:
        """What the directory has and leaves. Raises KafkaError KAFKA_STORAGE_ERROR."""
        from kbroker.storage.interfaces.logs import LogDir

        self.check_online()
        try:
            space = os.statvfs(self.path)
        except OSError as error:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error
        return LogDir(
            self.path, self.directory_id, space.f_blocks * space.f_frsize, space.f_bavail * space.f_frsize
        )

    def check_online(self) -> None:
        """Raises KafkaError KAFKA_STORAGE_ERROR."""
        if self.offline:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"{self.path} is offline")

    def directory_of(self, key: Key) -> str:
        """Where a partition is, if it is here."""
        return f"{self.path}/{key[0]}-{key[1]}"

    def holds(self, key: Key, topic_id: bytes) -> bool:
        """Whether the topic's partition has a directory here."""
        directory = self.directory_of(key)
        return os.path.isdir(directory) and read_topic_id(directory) in {topic_id, None}

    # Opening

    async def open(
        self, topic: str, topic_id: bytes, index: int, config: TopicConfig, background: Background
    ) -> PartitionLog:
        """Open or create a partition's log. Raises KafkaError, OSError."""
        from kbroker.storage.log.partition_log import PartitionLog

        self.check_online()
        key = topic, index
        directory = self._make_ready(key, topic_id)
        mine = self._opening[key] = object()
        try:
            log = await PartitionLog.open(
                directory,
                topic,
                topic_id,
                index,
                config,
                self.environment,
                recovery_point=self._recovery_points.get(key, 0),
                log_start_offset=self._log_starts.get(key, 0),
                compacted_to=self.cleaner.compacted_to(key),
                log_start_moved=self.save_log_starts,
                background=background,
            )
            if self._opening.get(key) is not mine:
                log.detach()
        except OSError:
            if self._opening.get(key) is mine:
                raise
        finally:
            theirs = self._opening.get(key) is not mine
            if not theirs:
                del self._opening[key]
        if theirs:  # deleted meanwhile
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        self.add(key, log)
        return log

    def _make_ready(self, key: Key, topic_id: bytes) -> str:
        """The topic's directory, which is there then. Raises OSError."""
        directory = self.directory_of(key)
        if os.path.isdir(directory):
            found = read_topic_id(directory)
            if found is None:
                write_topic_id(self.environment.files, directory, topic_id)
            elif found != topic_id:
                self._set_aside(key, directory)
        if not os.path.isdir(directory):
            self._create(key, directory, topic_id)
        return directory

    def add(self, key: Key, log: PartitionLog) -> None:
        """A log is open, or has moved here."""
        self.partitions[key] = log
        self._unverified.discard(f"{key[0]}-{key[1]}")

    def _create(self, key: Key, directory: str, topic_id: bytes) -> None:
        """Make a partition's directory.

        Offsets that a topic of that name left behind must not be taken for its own.
        """
        files = self.environment.files
        self.forget(key)
        self.write_stale_checkpoints()
        files.mkdir(directory)
        write_topic_id(files, directory, topic_id)

    def write_stale_checkpoints(self) -> None:
        """Have the files forget partitions that are gone. Raises OSError."""
        if self._checkpoints_stale:
            files = self.environment.files
            write_offsets(files, f"{self.path}/{LOG_START_OFFSETS}", self._log_starts, durable=False)
            write_offsets(files, f"{self.path}/{RECOVERY_POINTS}", self._recovery_points, durable=False)
            self._checkpoints_stale = False

    def _set_aside(self, key: Key, directory: str) -> None:
        """Rename a directory that is another topic's, of the same name.

        Kept, since nobody asked for its removal.
        """
        aside = renamed(directory, "stray")
        _logger.warning(
            "%s belongs to another topic id than its topic has now, and is kept as %s", directory, aside
        )
        self._detach(key)
        self.environment.files.rename(directory, aside)

    # Removing

    def remove(self, key: Key, topic_id: bytes) -> None:
        """Make a topic's partition disappear, if it is here. Raises OSError."""
        directory = self.directory_of(key)
        if read_topic_id(directory) not in {topic_id, None}:
            return
        log = self.partitions.get(key)
        delay_ms = log.config.file_delete_delay_ms if log is not None else _DEFAULT_DELETE_DELAY_MS
        self._detach(key)
        self.remove_directory(key, delay_ms)

    def remove_directory(self, key: Key, delay_ms: int = 0) -> None:
        """Rename a partition's directory at once, unlink its files later. Raises OSError."""
        directory = self.directory_of(key)
        deleted = renamed(directory, "delete")
        try:
            self.environment.files.rename(directory, deleted)
        except FileNotFoundError:
            return  # it never was opened
        self._unverified.discard(f"{key[0]}-{key[1]}")
        self.environment.trash.add(deleted, delay_ms)

    def _detach(self, key: Key) -> None:
        log = self.partitions.pop(key, None)
        if log is not None:
            log.detach()
        self._opening.pop(key, None)
        self.forget(key)

    def forget(self, key: Key) -> None:
        """What is known of a partition's offsets holds no longer."""
        self.cleaner.forget(key)
        for offsets in (self._recovery_points, self._log_starts):
            if offsets.pop(key, None) is not None:
                self._checkpoints_stale = True

    # Housekeeping, see `LogStore`

    async def clean(self, now_ms: int, background: Background) -> None:
        """See `LogStore.clean`. A log that fails keeps no other from its turn."""
        await self.cleaner.clean(self.partitions, now_ms, background)

    def enforce_retention(self, now_ms: int) -> None:
        """See `LogStore.enforce_retention`. A log that fails keeps no other from its turn."""
        for log in list(self.partitions.values()):
            try:
                log.enforce_retention(now_ms)
            except OSError as error:
                self.environment.failed(error)
                _logger.warning("%s: retention failed and will be tried again: %s", log.log.directory, error)

    def flush_due(self, now_ms: int) -> bool:
        """See `LogStore.flush_due`.

        Also when completed segments, or recovery points, have not been synced yet.
        """
        due = [log for log in self.partitions.values() if log.log.flush_due(now_ms)]
        for log in due:
            try:
                self._jobs.append(log.log.prepare_flush())
            except OSError as error:
                self.environment.failed(error)
                _logger.warning("%s: cannot be synced yet: %s", log.log.directory, error)
        if due or not 0 <= now_ms - self._checkpointed_ms < _CHECKPOINT_INTERVAL_MS:
            self._collect_recovery_points()
            if self._recovery_points != self._recovery_points_written:
                self._recovery_points_due = dict(self._recovery_points)
            self._checkpointed_ms = now_ms
        return bool(self._jobs) or self._recovery_points_due is not None

    def flush(self) -> None:
        """See `LogStore.flush`. A log that cannot be synced stops serving, and the others go on. Raises OSError."""
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            _run(job)
        points, self._recovery_points_due = self._recovery_points_due, None
        if points is not None:
            try:
                write_offsets(self.environment.files, f"{self.path}/{RECOVERY_POINTS}", points)
            except OSError as error:
                self.environment.failed(error)
                raise
            self._recovery_points_written = points

    def _collect_recovery_points(self) -> None:
        for key, log in self.partitions.items():
            self._recovery_points[key] = log.log.recovery_point

    def save_log_starts(self, moving: Iterable[tuple[Key, int]] = (), *, durable: bool = False) -> None:
        """Persist the log start offsets that the segments alone would not tell. Raises OSError.

        `moving`: those of partitions that will be here in a moment. What is not durable a power cut may take: then
        records that were deleted are there again.
        """
        for key, log in self.partitions.items():
            if log.log_start_offset > log.log.segments[0].base_offset:
                self._log_starts[key] = log.log_start_offset
            else:
                self._log_starts.pop(key, None)
        self._log_starts.update(moving)
        write_offsets(
            self.environment.files, f"{self.path}/{LOG_START_OFFSETS}", self._log_starts, durable=durable
        )

    def close(self) -> None:
        """Stop cleanly: sync everything, so that the next start needs no recovery. Blocks.

        A log that fails keeps no other from being closed, but the next start will recover what it left. Raises
        OSError when not even that can be written down.
        """
        jobs = []
        clean = not self._unverified and not self.offline
        for log in self.partitions.values():
            clean &= log.log.failure is None
            try:
                job = log.close()
            except OSError as error:
                _logger.error("%s: cannot be closed cleanly: %s", log.log.directory, error)
                clean = False
            else:
                jobs += [job] if job is not None else []
        for job in jobs:  # this directory is synced below, once for all of them
            job.directories = [each for each in job.directories if each != self.path]
        if len(jobs) >= _SYNC_ALL_FROM:
            os.sync()
        clean &= not [failure for job in jobs if (failure := _run(job)) is not None]
        if self.offline:
            return
        self._collect_recovery_points()
        self.save_log_starts(durable=True)
        write_offsets(self.environment.files, f"{self.path}/{RECOVERY_POINTS}", self._recovery_points)
        self.partitions.clear()
        if clean:
            self._data_dir.mark_clean()


def _run(job: FlushJob) -> OSError | None:
    """Sync one log; its failure is its own, and logged by it."""
    try:
        job.run()
    except OSError as error:
        return error
    return None


def renamed(directory: str, reason: str) -> str:
    """Apache Kafka's name for a partition's directory that is not, or no longer, one: unique, and not too long."""
    path = Path(directory)
    topic, _, index = path.name.rpartition("-")
    suffix = f"-{index}.{uuid.uuid4().hex}-{reason}"
    return str(path.with_name(topic[: _LONGEST_NAME - len(suffix)] + suffix))
