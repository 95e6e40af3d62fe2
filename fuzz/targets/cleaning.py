"""Compaction of whatever a producer got into a log: a topic may have been a plain one when it was written to."""

import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fixtures import outcome
from fixtures.batches import NOW_MS, batch_of, repaired, valid_batches
from fixtures.broker_thread import Clock, memory_directory
from fixtures.source import Source

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.topic import TopicConfig, with_overrides
from kbroker.protocol.batch import iter_batches
from kbroker.protocol.control import ControlType, encode_end_txn
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.record import Record, encode_batch, records_of
from kbroker.state.record_validation import admit
from kbroker.storage.log.data_dir import DataDir
from kbroker.storage.log.environment import LogEnvironment
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.log_store import LocalLogStore
from kbroker.storage.log.partition_log import PartitionLog

_MOST_BATCHES = 8
_DAY_MS = 86_400_000
_DAYS = (0, 2)  # the second time, deletions have been there for long enough
_PLAIN = TopicConfig()
_COMPACTED = with_overrides(_PLAIN, {"cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0"})
_MOST_UNPACKED = 1 << 20


class _Unsynced(FileSystem):
    def sync(self, descriptor: int, *_: Any) -> None:
        """Let the disk be."""

    def sync_file(self, path: str) -> None:
        """Let the disk be."""

    def sync_directory(self, path: str) -> None:
        """Let the disk be."""


class _Inline:
    async def pause(self) -> None:
        """Go on."""

    async def throttle(self, size: int, bytes_per_second: float) -> None:
        """Go on."""

    async def run_blocking(self, call: Callable[[], None]) -> None:
        """Block."""
        call()


@cache
def _directory() -> Path:
    return Path(tempfile.mkdtemp(prefix="kbroker-fuzz-", dir=memory_directory()))


@cache
def _settings() -> BrokerConfig:
    return BrokerConfig.of()


def _now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def check(data: bytes) -> None:
    """Cleaning ends, what is left can be read, and the last value of each key is among it."""
    source = Source(data)
    path = _directory() / "data"
    config = TopicConfig()
    config.update_from(_PLAIN)
    directory = DataDir(path, _Unsynced())
    try:
        store = LocalLogStore(directory, LogEnvironment(Clock(), _Unsynced(), settings=_settings()))
        log = _now(store.partition("t", bytes(16), 0, config))
        for _ in range(_MOST_BATCHES):
            _append(source, log)
            if not len(source):
                break
        log.log.roll()
        config.update_from(_COMPACTED)
        before, odd = _last_values(log)
        for days in _DAYS:
            _now(store.clean(NOW_MS + days * _DAY_MS, _Inline()))
            after, _ = _last_values(log)
            for key, value in before.items():
                assert key in odd or after.get(key) == value, f"the last value of {key!r} is gone"
            assert after.keys() <= before.keys() | odd, "a deleted key is back"
        store.close()
    finally:
        directory.close()
        shutil.rmtree(path)


def _append(source: Source, log: PartitionLog) -> None:
    how = source.byte()
    if how > 240:
        kind = ControlType.ABORT if how & 1 else ControlType.COMMIT
        _marker(log, kind, how & 3)
        return
    if how > 120:
        size = source.byte() | source.byte() << 8
        batch = repaired(source.take(size), 7)
    else:
        batch = batch_of(source)
    if how & 1:
        log.log.roll()
    topic = _COMPACTED if how & 2 else _PLAIN
    try:
        admitted, header, time = admit(memoryview(batch), topic, NOW_MS)
        _now(log.append(admitted, header, time))
    except KafkaError as error:
        outcome.note(error.code)


def _marker(log: PartitionLog, kind: ControlType, producer: int) -> None:
    marker = encode_end_txn(
        kind, producer_id=producer, producer_epoch=0, coordinator_epoch=0, timestamp=NOW_MS
    )
    try:
        _now(log.append_marker(memoryview(marker)))
    except KafkaError as error:
        outcome.note(error.code)


def _last_values(log: PartitionLog) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Values by key, of the batches that can be read, and the keys of transactions and of odd batches."""
    values: dict[bytes, bytes | None] = {}
    odd: set[bytes] = set()
    offset = log.log_start_offset
    while whole := _now(log.read(offset, 1 << 20, at_least_one=True)).records:
        for header, batch in iter_batches(whole):
            offset = header.last_offset + 1
            if header.is_control:
                continue
            try:
                records = list(records_of(batch, _MOST_UNPACKED))
            except (ProtocolError, KafkaError):
                outcome.note("unreadable")
                continue
            offsets = [record.offset for record in records]
            for record in records:
                if record.key is None:
                    continue
                within = header.base_offset <= record.offset <= header.last_offset
                if header.is_transactional or not within or offsets != sorted(set(offsets)):
                    odd.add(record.key)
                values[record.key] = record.value
    outcome.note(len(values))
    return {key: value for key, value in values.items() if value is not None}, odd


def seeds() -> Iterator[bytes]:
    """Logs of a few batches of every kind, with transactions, tombstones, and keys that come again."""
    batches = [batch for batch in valid_batches() if len(batch) < 400]
    for first in range(0, len(batches), 4):
        some = batches[first : first + 4] + batches[:2]
        yield b"".join(
            bytes((124 + number,)) + len(each).to_bytes(2, "little") + each
            for number, each in enumerate(some)
        )
    tombstone = bytes(encode_batch([Record(0, NOW_MS, b"k0", None), Record(1, NOW_MS, b"k1", b"new")]))
    one = bytes((125,)) + len(tombstone).to_bytes(2, "little") + tombstone
    yield one * 4
    for producer in (0, 1, 2):
        written = bytes(
            encode_batch(
                [Record(0, NOW_MS, b"k0", b"x")],
                producer_id=producer,
                producer_epoch=0,
                base_sequence=0,
                transactional=True,
            )
        )
        yield (
            one
            + bytes((125,))
            + len(written).to_bytes(2, "little")
            + written
            + bytes((244 + producer,))
            + one
        )
    far = bytes(encode_batch([Record(0, -(2**63), b"k", b"v"), Record(1, 0, b"k", b"w")]))
    yield bytes((126,)) + len(far).to_bytes(2, "little") + far + one
    yield bytes((124,)) + len(far).to_bytes(2, "little") + far + one


def close() -> None:
    """Remove the directory."""
    shutil.rmtree(_directory())
    _directory.cache_clear()
