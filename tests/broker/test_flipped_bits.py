"""A bit of any file in a data directory is another one: what is wrong is found or does no harm, and the rest is served.

The kinds of files are those of a real directory: one that is new has to be thought of here.
"""

import os
import random
import re
import shutil
from pathlib import Path

import pytest
import trio
from attrs import define
from crc32c import crc32c

from kbroker.broker.broker import Broker
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.errors import StartupError
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header
from kbroker.state.topics import Topic
from kbroker.storage.interfaces.background import AT_ONCE
from kbroker.storage.log.directory_logs import renamed
from kbroker.storage.log.file_system import FileSystem

from .crashing import Process
from .test_transaction_crashes import SETTINGS, story

FLIPS = 2  # of each kind, in a file or several
KINDS = {
    "log": r"[^/]+-\d+/\d{20}\.log",
    "offset index": r"[^/]+-\d+/\d{20}\.index",
    "time index": r"[^/]+-\d+/\d{20}\.timeindex",
    "transaction index": r"[^/]+-\d+/\d{20}\.txnindex",
    "producer snapshot": r"[^/]+-\d+/\d{20}\.snapshot",
    "leader epochs": r"[^/]+-\d+/leader-epoch-checkpoint",
    "topic id": r"[^/]+-\d+/partition\.metadata",
    "deleted segment": r"[^/]+-\d+/\d{20}\.(log|index|timeindex|txnindex)\.deleted",
    "deleted partition": r"[^/]+-\d+\.[0-9a-f]{32}-delete/[^/]+",
    "stray partition": r"[^/]+-\d+\.[0-9a-f]{32}-stray/[^/]+",
    "recovery points": "recovery-point-offset-checkpoint",
    "log starts": "log-start-offset-checkpoint",
    "cleaner offsets": "cleaner-offset-checkpoint",
    "owner": r"meta\.properties",
    "format": r"kbroker\.format",
    "clean marker": r"\.kafka_cleanshutdown",
    "lock": r"\.lock",
    "database": r"kbroker\.db",
    "write-ahead log": r"kbroker\.db-wal",
    "write-ahead log's index": r"kbroker\.db-shm",
}
EMPTY = {"lock"}
# Of these it is said which file it is; the others are what the log can be without, or are noticed by their readers.
NAMED = {"owner", "format", "database"}
# What these say may be wrong without being seen, as in Apache Kafka's checkpoints; rows are checked by `integrity`.
NOT_COMPARED = {"database", "write-ahead log", "log starts"}
NODE = SETTINGS | {"node.id": "1"}
Served = dict[str, list[bytes] | None]
PARTITIONS = [("t", 0), ("t", 1), ("other", 0), ("compacted", 0)]


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine running the tests stays up."""
    monkeypatch.setattr(os, "sync", lambda: None)
    for name in ("sync", "sync_file", "sync_directory"):
        monkeypatch.setattr(FileSystem, name, lambda *_: None)


@define
class Flip:
    """A bit of a file, by the file's path in the data directory."""

    file: str
    byte: int
    bit: int

    def make(self, directory: Path) -> None:
        path = directory / self.file
        data = bytearray(path.read_bytes())
        data[self.byte] ^= 1 << self.bit
        path.write_bytes(data)


def kind_of(file: str) -> str:
    found = [kind for kind, pattern in KINDS.items() if re.fullmatch(pattern, file)]
    assert len(found) == 1, f"{file} is of no kind, or of several: {found}"
    return found[0]


def files_in(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


async def fill(process: Process) -> None:
    """Something of everything; the broker is neither stopped nor killed yet."""
    await story(process, 2, [])
    for name, configs in (("other", {}), ("compacted", {"cleanup.policy": "compact"}), ("gone", {})):
        topic = await process.broker.topics.create(name, 1, configs)
        topic.config.segment_bytes, topic.config.index_interval_bytes = 300, 1
        topic.config.min_cleanable_dirty_ratio = 0.0
        for _ in range(6):
            await append(process, name)
    for name in ("t", "other"):
        topic = found_topic(process.broker, name)
        topic.config.index_interval_bytes = 1
        for _ in range(6):
            await append(process, name)
    await (await process.broker.partition(found_topic(process.broker, "other"), 0)).delete_records(3)
    await process.logs.clean(process.broker.clock.now_ms(), AT_ONCE)
    await process.broker.topics.delete(found_topic(process.broker, "gone"))
    (process.path / "stray-0").mkdir()
    (process.path / "stray-0" / "partition.metadata").write_text("version: 0")
    (process.path / "stray-0").rename(renamed(str(process.path / "stray-0"), "stray"))


def found_topic(broker: Broker, name: str) -> Topic:
    topic = broker.topics.get(name)
    assert topic is not None, name
    return topic


async def append(process: Process, name: str) -> None:
    batch = encode_batch([Record(0, process.broker.clock.now_ms(), b"k", b"v" * 50)])
    partition = await process.broker.partition(found_topic(process.broker, name), 0)
    await partition.append(memoryview(batch), parse_header(batch))


@pytest.fixture(scope="module")
def directories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One that a broker has left at a stop, and one that it has left when it was killed."""
    made = {}
    for how in ("stopped", "killed"):
        path = tmp_path_factory.mktemp("flips") / how

        async def make(path: Path = path, how: str = how) -> None:
            live = Process(path.with_name("live"), settings=SETTINGS)
            await fill(live)
            if how == "stopped":
                live.logs.close()
                live.kill()
                shutil.move(live.path, path)
            else:
                shutil.copytree(live.path, path)
                live.kill()
                shutil.rmtree(live.path)

        trio.run(make)
        made[how] = path
    return made


def test_every_kind_of_file_is_there(directories: dict[str, Path]) -> None:
    kinds = {kind_of(file) for directory in directories.values() for file in files_in(directory)}
    assert kinds == set(KINDS)


def flips_of(directory: Path, kind: str) -> list[Flip]:
    chance = random.Random(kind)
    files = [
        file for file in files_in(directory) if kind_of(file) == kind and (directory / file).stat().st_size
    ]
    return [
        Flip(file, chance.randrange((directory / file).stat().st_size), chance.randrange(8))
        for file in (chance.choice(files) for _ in range(FLIPS if files else 0))
    ]


async def served(broker: Broker) -> Served:
    """Each partition's batches as a consumer gets them; None where it is told that something is wrong."""
    found: Served = {}
    for name, index in PARTITIONS:
        topic = broker.topics.get(name)
        if topic is None:
            continue
        try:
            found[f"{name}-{index}"] = await batches(broker, topic, index)
        except (KafkaError, ProtocolError):
            found[f"{name}-{index}"] = None
    return found


async def batches(broker: Broker, topic: Topic, index: int) -> list[bytes]:
    store = (await broker.partition(topic, index)).store
    offset, found = store.log_start_offset, list[bytes]()
    while offset < store.high_watermark:
        data = (await store.read(offset, 1 << 20, at_least_one=True)).records
        assert len(data), f"{topic.name}-{index}: nothing at offset {offset}, and no error"
        for header, batch in iter_batches(data):
            found.append(bytes(batch))
            offset = max(header.last_offset, offset) + 1
    return found


def cases() -> list[tuple[str, str]]:
    """Whatever the way in which the broker ended, where that makes a difference."""
    either = {"log", "offset index", "producer snapshot", "recovery points"}
    after_a_kill = {"write-ahead log", "write-ahead log's index"}
    return [
        (kind, how)
        for kind in KINDS
        for how in ("stopped", "killed")
        if kind not in EMPTY and (kind in either or (how == "killed") == (kind in after_a_kill))
    ]


@pytest.mark.parametrize(("kind", "how"), cases())
async def test_what_is_wrong_is_found_or_does_no_harm_and_the_rest_is_served(
    directories: dict[str, Path], kind: str, how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory = directories[how]
    whole = await started_on(directory, tmp_path / "whole", None)
    assert isinstance(whole, dict)
    assert all(whole.values())
    for number, flip in enumerate(flips_of(directory, kind)):
        caplog.clear()
        found = await started_on(directory, tmp_path / str(number), flip)
        if isinstance(found, StartupError):
            assert kind in NAMED, flip
            assert Path(flip.file).name in str(found), flip
        elif kind not in NOT_COMPARED:
            own = flip.file.split("/")[0]
            assert others(found, own) == others(whole, own), flip
            if found.get(own) != whole.get(own):
                assert kind in {"log", "topic id"}, flip
                assert found[own] is None or own in caplog.text or damaged(found[own]), flip


async def started_on(directory: Path, copy: Path, flip: Flip | None) -> Served | StartupError:
    shutil.copytree(directory, copy)
    if flip is not None:
        flip.make(copy)
    try:
        async with open_broker(BrokerConfig.of(NODE), copy) as broker:
            return await served(broker)
    except StartupError as error:
        return error


def others(found: Served, own: str) -> Served:
    """What is served of all partitions but one."""
    return {name: each for name, each in found.items() if name != own}


def damaged(found: list[bytes] | None) -> bool:
    """Whether a consumer notices, by a batch's CRC."""
    return any(crc32c(batch[21:]) != int.from_bytes(batch[17:21], "big") for batch in found or [])
