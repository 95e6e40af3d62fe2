"""Damaged files of a data directory: the broker starts or says why not, and the rest is served."""

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import trio
from fixtures import outcome
from fixtures.broker_thread import Clock, memory_directory
from fixtures.data_directory import TOPICS, config_of, contents, make
from fixtures.source import Source
from trio.testing import MockClock

from kbroker.embedded import open_broker
from kbroker.errors import StartupError

_MOST_CHANGES = 3
_OF_THE_START = "kbroker.db"


@cache
def _work() -> Path:
    work = Path(tempfile.mkdtemp(prefix="kbroker-fuzz-", dir=memory_directory()))
    make(work / "clean", clean=True)
    make(work / "killed", clean=False)
    return work


@cache
def _originals() -> list[tuple[Path, list[str], dict[tuple[str, int], bytes | int]]]:
    """Each directory, its files, and what it holds."""
    found = []
    for name in ("clean", "killed"):
        directory = _work() / name
        files = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
        found.append((directory, files, _opened(_copy(directory))))
    return found


def check(data: bytes) -> None:
    """Damage one file in up to three places."""
    source = Source(data)
    original, files, whole = source.pick(_originals())
    name = source.pick(files)
    directory = _copy(original)
    path = directory / name
    for _ in range(1 + source.byte() % _MOST_CHANGES):
        _damage(source, path)
    outcome.note(path.suffix or path.name)
    try:
        found = _opened(directory)
    except StartupError as error:
        assert str(directory) in str(error), f"which file is it? {error}"
        outcome.note(path.name, str(error)[-20:])
        return
    if name.startswith(_OF_THE_START):
        return  # rows that changed and can still be read are taken for right
    for (topic, index), records in whole.items():
        if topic in TOPICS and path.parent.name != f"{topic}-{index}":
            assert found.get((topic, index)) == records, (
                f"{topic}-{index} is another one, though {name} was damaged"
            )


def _damage(source: Source, path: Path) -> None:
    content = bytearray(path.read_bytes())
    kind = source.byte() % 8
    at = source.integer(16, signed=False) if source.byte() & 1 else source.byte() << 8 | source.byte()
    at %= len(content) + 1
    if kind < 4 and content:
        content[at % len(content)] ^= 1 << source.byte() % 8
    elif kind == 4:
        del content[at:]
    elif kind == 5:
        content[at : at + 16] = source.take(16)
    elif kind == 6:
        content[at : at + 512] = bytes(len(content[at : at + 512]))
    else:
        content += source.take(source.byte())
    path.write_bytes(content)


def _copy(original: Path) -> Path:
    directory = _work() / "damaged"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(original, directory, copy_function=shutil.copyfile)
    return directory


def _opened(directory: Path) -> dict[tuple[str, int], bytes | int]:
    return trio.run(partial(_open, directory), clock=MockClock(autojump_threshold=0))


async def _open(directory: Path) -> dict[tuple[str, int], bytes | int]:
    async with open_broker(config_of(directory), directory, Clock()) as broker:
        return await contents(broker)


def seeds() -> Iterator[bytes]:
    """Each file of both directories, with one of each kind of damage."""
    for number, (_, files, _found) in enumerate(_originals()):
        for index in range(len(files)):
            for kind in range(8):
                yield (
                    bytes(
                        (number, index, 0, kind, 0, (index * 37 + kind * 11) % 4, (index * 7 + kind) % 256, 3)
                    )
                    + b"\xff" * 20
                )


def close() -> None:
    """Remove the directories."""
    shutil.rmtree(_work())
    _work.cache_clear()
    _originals.cache_clear()
