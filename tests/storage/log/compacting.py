"""Keyed records on the test disk, and its cleaner run to its end."""

from collections.abc import Callable

from kbroker.protocol.records import Codec, Record, encode_batch, iter_batches, records_of
from kbroker.storage.log.partition_log import PartitionLog

from .conftest import NOW_MS, Disk, append, now

Put = tuple[str, str | None]


class Inline:
    """Runs a background job in one go; `paused` is called wherever others could run."""

    def __init__(self, paused: Callable[[], None] = lambda: None) -> None:
        self._paused = paused

    async def pause(self) -> None:
        self._paused()

    async def throttle(self, size: int, bytes_per_second: float) -> None:
        self._paused()

    async def run_blocking(self, call: Callable[[], None]) -> None:
        self._paused()
        call()
        self._paused()


def keyed(*puts: Put, timestamp: int = NOW_MS, codec: Codec = Codec.NONE, **producer: object) -> bytearray:
    """A batch of records with a key and a value each, None for a tombstone."""
    records = [
        Record(at, timestamp, key.encode(), None if value is None else value.encode())
        for at, (key, value) in enumerate(puts)
    ]
    return encode_batch(records, codec=codec, **producer)  # type: ignore[arg-type]


def segment_of(log: PartitionLog, *batches: bytearray) -> None:
    """Append batches that make a segment of their own: the next append goes to another."""
    for each in batches:
        append(log, each)
    log.log.roll()


def clean(disk: Disk, paused: Callable[[], None] = lambda: None) -> None:
    now(disk.store.clean(disk.clock.now, Inline(paused)))


def records(log: PartitionLog) -> list[tuple[int, str, str | None]]:
    """Offset, key and value of all data records, as a consumer would read them."""
    found: list[tuple[int, str, str | None]] = []
    offset = log.log_start_offset
    while data := now(log.read(offset, 1_000_000, at_least_one=True)).records:
        for header, view in iter_batches(data):
            if not header.is_control:
                found += [
                    (
                        each.offset,
                        (each.key or b"").decode(),
                        None if each.value is None else each.value.decode(),
                    )
                    for each in records_of(view)
                    if each.offset >= offset
                ]
            offset = header.last_offset + 1
    return found


def stored_batches(log: PartitionLog) -> list[bytes]:
    """All batches as they are stored."""
    found: list[bytes] = []
    offset = log.log_start_offset
    while data := now(log.read(offset, 1_000_000, at_least_one=True)).records:
        for header, view in iter_batches(data):
            found.append(bytes(view))
            offset = header.last_offset + 1
    return found
