"""Partitions on their way from one data directory to another (KIP-113)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from attrs import define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.checkpoints import write_topic_id
from kbroker.storage.log.directory_logs import renamed

if TYPE_CHECKING:
    from kbroker.config.typed_values import TypedValues
    from kbroker.storage.interfaces.background import Background
    from kbroker.storage.interfaces.logs import Replica
    from kbroker.storage.log.directories import Directories
    from kbroker.storage.log.directory_logs import DirectoryLogs, Key
    from kbroker.storage.log.future_log import FutureLog
    from kbroker.storage.log.partition_log import PartitionLog

_logger = logging.getLogger(__name__)


@define(eq=False)
class _Move:
    """A partition on its way to another directory. The copy's own directory is there before the move is known."""

    source: DirectoryLogs
    target: DirectoryLogs
    directory: str
    compacted_to: int  # when the copy began
    copy: FutureLog | None = None


class ReplicaMoves:
    """Begun at once, carried out one after the other in the background."""

    def __init__(self, directories: Directories, settings: TypedValues) -> None:
        """Nothing moves."""
        self._directories = directories
        self._settings = settings
        self._moves: dict[Key, _Move] = {}

    def future(self, key: Key, opened: PartitionLog) -> Replica | None:
        """The copy of an opened partition that is being made."""
        from kbroker.storage.interfaces.logs import Replica

        move = self._moves.get(key)
        if move is None:
            return None
        if move.copy is None:
            return Replica(move.target.path, 0, opened.high_watermark, True)
        return Replica(move.target.path, move.copy.size_bytes, move.copy.lag, True)

    def begin(self, key: Key, path: str) -> bool:
        """See `LogStore.move`."""
        target = self._directories.at(path)
        placement = self._directories.placement
        if placement is None:
            return False
        if self._directories.is_offline(*key):
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "the partition's log directory is offline")
        home = placement.home(key)
        source = next((each for each in self._directories if each.directory_id == home), None)
        partition_log = source.partitions.get(key) if source is not None else None
        if source is None or partition_log is None:
            placement.prefer(key, target.directory_id)
            return False
        move = self._moves.get(key)
        if move is not None and move.target is not target:
            self.cancel(key)
            move = None
        if move is not None or source is target:
            return False
        if not self._directories.all_online():
            # As in Apache Kafka, which makes nothing but new partitions while a directory is missing.
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "a log directory is offline")
        files = target.environment.files
        directory = renamed(target.directory_of(key), "future")
        try:
            files.mkdir(directory)
            write_topic_id(files, directory, partition_log.topic_id)
        except OSError as error:
            target.environment.failed(error)
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, error.strerror) from error
        self._moves[key] = _Move(source, target, directory, source.cleaner.compacted_to(key))
        return True

    def cancel(self, key: Key) -> None:
        """A copy is of no use any more."""
        self._directories.unfinished.pop(key, None)
        move = self._moves.pop(key, None)
        if move is not None:
            if move.copy is not None:
                move.copy.log.close_files()
            move.target.environment.trash.add(move.directory)

    def resume(self, key: Key) -> None:
        """See `LogStore.resume_move`."""
        target = self._directories.unfinished.pop(key, None)
        if target is not None:
            self.begin(key, target.path)

    def close(self) -> None:
        """The next start goes on, from the beginning."""
        for move in self._moves.values():
            if move.copy is not None:
                move.copy.log.close_files()

    async def carry_on(self, background: Background) -> None:
        """See `LogStore.carry_on_moves`. A move that fails is given up, and logged."""
        while self._moves:
            key, move = next(iter(self._moves.items()))
            try:
                await self._carry_out(key, move, background)
            except (OSError, KafkaError) as error:
                if isinstance(error, OSError):
                    move.target.environment.failed(error)
                if self._moves.get(key) is move:
                    _logger.error("%s-%d: not moved to %s: %s", *key, move.target.path, error)
                    self.cancel(key)

    async def _carry_out(self, key: Key, move: _Move, background: Background) -> None:
        """Raises OSError, KafkaError."""
        from kbroker.storage.log.future_log import FutureLog

        settings = self._settings
        partition_log = move.source.partitions[key]
        move.copy = await FutureLog.open(partition_log, move.directory, move.target.environment, background)
        await move.copy.catch_up(
            background,
            lambda: self._moves.get(key) is move,
            lambda: settings.int("replica.alter.log.dirs.io.max.bytes.per.second"),
        )
        if self._moves.get(key) is move:
            self._take_over(key, move, partition_log)

    def _take_over(self, key: Key, move: _Move, partition_log: PartitionLog) -> None:
        """The copy becomes the log. Nothing suspends. Raises OSError, KafkaError, nothing having changed.

        Whatever may die in between, it is known which of the two is the log: the copy from the moment at which the
        partition's place is written down. Then opening, or the next start, finishes the rest. A power cut may take
        back what was written down: then the copy is the log if it is where the log was, and that is gone.
        """
        copy, source, target, placement = move.copy, move.source, move.target, self._directories.placement
        assert copy is not None and placement is not None  # noqa: S101, PT018  it was made by `move`
        copy.copy_rest()
        log = copy.log
        log.prepare_flush().run()  # what is missing is little, and was synced where it comes from
        log.start = partition_log.log_start_offset
        log.producers = partition_log.log.producers
        log.drop_unreadable()
        log.save_snapshot()
        epochs = partition_log.epochs.copied_to(move.directory, target.environment.files)
        target.forget(key)
        target.write_stale_checkpoints()
        if log.start > log.segments[0].base_offset:
            target.save_log_starts([(key, log.start)])
        placement.assign({key: target.directory_id})
        try:
            _rename_durably(target, move.directory, target.directory_of(key))
        except OSError:
            placement.assign({key: source.directory_id})
            raise
        del self._moves[key]
        log.moved_to(target.directory_of(key))
        epochs.directory = log.directory
        delay_ms = partition_log.config.file_delete_delay_ms
        partition_log.move(log, epochs, target.save_log_starts)
        source.partitions.pop(key)
        source.forget(key)
        target.add(key, partition_log)
        target.cleaner.set_compacted_to(key, move.compacted_to)
        try:
            source.remove_directory(key, delay_ms)
            source.environment.files.sync_directory(source.path)
        except OSError as error:
            source.environment.failed(error)


def _rename_durably(home: DirectoryLogs, old: str, new: str) -> None:
    """Raises OSError, the directory then having its old name."""
    files = home.environment.files
    files.rename(old, new)
    try:
        files.sync_directory(home.path)
    except OSError:
        files.rename(new, old)
        raise
