"""What Apache Kafka's own code makes of our files. Needs Java, and Apache Kafka 4.3.1's jars in $KAFKA_LIBS."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from kbroker.protocol.records import Codec, ControlType, encode_end_txn
from kbroker.storage.log.checkpoints import read_topic_id

from ...free_port import free_port
from .conftest import NOW_MS, Disk, append, batch

_CACHED = Path(__file__).parents[3] / "compat-tests" / ".cache" / "kafka-4.3.1" / "libs"
LIBS = Path(os.environ.get("KAFKA_LIBS", _CACHED))
pytestmark = pytest.mark.skipif(
    not (shutil.which("java") and list(LIBS.glob("kafka-tools-*.jar"))),
    reason="needs java, and Apache Kafka's jars in $KAFKA_LIBS (or fetched by compat-tests)",
)


def java(*arguments: str) -> list[str]:
    small = ("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    return ["java", *small, "-cp", f"{LIBS}/*", *arguments]


def dump(*paths: Path) -> dict[Path, list[str]]:
    """Lines that DumpLogSegments prints of each file. It ends with 0 whatever it finds."""
    command = java("org.apache.kafka.tools.DumpLogSegments", "--deep-iteration", "--print-data-log")
    names = ",".join(map(str, paths))
    done = subprocess.run(
        [*command, "--files", names], capture_output=True, text=True, check=False, timeout=120
    )
    sections: dict[Path, list[str]] = {}
    lines: list[str] = []
    for line in done.stdout.splitlines():
        if line.startswith("Dumping "):
            lines = sections[Path(line.removeprefix("Dumping "))] = []
        else:
            lines.append(line)
    if done.returncode:
        lines.append(f"failed: {done.stderr}")
    return sections


@define
class Expected:
    """What the dump of a file has to say."""

    batches: int = 0
    records: int = 0
    entries: tuple[str, ...] = ()


def problems(path: Path, lines: list[str], expected: Expected) -> list[str]:
    """What is wrong with a file, by what its dump says; empty when all is well."""
    if path.suffix != ".log":
        return [] if tuple(lines) == expected.entries else [f"{path.name}: {lines}"]
    batches = [line for line in lines if line.startswith("baseOffset:")]
    records = [line for line in lines if line.startswith("| offset:")]
    others = [line for line in lines if line not in batches and line not in records]
    found = []
    if len(batches) != expected.batches or len(records) != expected.records:
        found.append(f"{len(batches)} batches, {len(records)} records")
    size = sum(int(match[1]) for line in batches if (match := re.search(r" size: (\d+) ", line)))
    if size != path.stat().st_size:
        found.append(f"{size} bytes read of {path.stat().st_size}")
    if not all("isvalid: true" in line for line in batches):
        found.append("invalid batches")
    if others != [f"Log starting offset: {int(path.stem)}"]:
        found.append(f"{others}")
    return found


@pytest.fixture
def segment(disk: Disk) -> dict[Path, Expected]:
    """Files of each kind, of a log that was stopped cleanly, and what their dumps have to say."""
    disk.config.index_interval_bytes = 100
    log = disk.start()
    producer = {"producer_id": 5, "producer_epoch": 1}
    append(log, batch(3, timestamps=NOW_MS))
    append(log, batch(2, timestamps=NOW_MS + 1, codec=Codec.GZIP))
    append(log, batch(2, timestamps=NOW_MS + 2, base_sequence=0, transactional=True, **producer))
    append(log, encode_end_txn(ControlType.ABORT, coordinator_epoch=3, timestamp=NOW_MS + 3, **producer))
    append(log, batch(1, timestamps=NOW_MS + 4, base_sequence=2, transactional=True, **producer))
    log.log.roll()
    append(log, batch(4, timestamps=NOW_MS + 5))
    positions = [segment.size for segment in log.log.segments]
    assert positions[0] > 300
    offsets, times = log.log.segments[0].indexes
    disk.stop()
    index = [
        f"offset: {offset} position: {position}" for offset, position in zip(*entries(offsets), strict=True)
    ]
    time_index = [
        f"timestamp: {time} offset: {offset}" for offset, time in zip(*time_entries(times), strict=True)
    ]
    assert len(index) == 3
    assert len(time_index) == 3
    first = disk.partition_path / f"{0:020d}"
    return {
        first.with_suffix(".log"): Expected(5, 9),
        first.with_suffix(".index"): Expected(entries=tuple(index)),
        first.with_suffix(".timeindex"): Expected(entries=tuple(time_index)),
        first.with_suffix(".txnindex"): Expected(
            entries=("version: 0 producerId: 5 firstOffset: 5 lastOffset: 7 lastStableOffset: 8",)
        ),
        disk.partition_path / f"{9:020d}.snapshot": Expected(
            entries=(
                (
                    "producerId: 5 producerEpoch: 1 coordinatorEpoch: 3 currentTxnFirstOffset: OptionalLong[8] "
                    f"lastTimestamp: {NOW_MS + 4} firstSequence: 2 lastSequence: 2 lastOffset: 8 offsetDelta: 0 "
                    f"timestamp: {NOW_MS + 4}"
                ),
            )
        ),
        disk.partition_path / f"{9:020d}.log": Expected(1, 4),
    }


def entries(index: object) -> tuple[list[int], list[int]]:
    return list(index.offsets), list(index._positions)  # type: ignore[attr-defined]


def time_entries(index: object) -> tuple[list[int], list[int]]:
    return list(index.offsets), list(index._timestamps)  # type: ignore[attr-defined]


def test_dump_log_segments_reads_our_files_and_sees_damage(
    segment: dict[Path, Expected], tmp_path: Path
) -> None:
    """Every kind of file as written, and one damaged copy of each kind: the same check passes and fails."""
    damage = {".log": -1, ".index": 3, ".timeindex": 7, ".txnindex": 33, ".snapshot": 12}
    damaged: dict[Path, Expected] = {}
    for path, expected in segment.items():
        copies = tmp_path / path.suffix
        if copies.exists():
            continue
        shutil.copytree(path.parent, copies)
        content = bytearray((copies / path.name).read_bytes())
        content[damage[path.suffix]] ^= 1
        (copies / path.name).write_bytes(content)
        damaged[copies / path.name] = expected
    sections = dump(*segment, *damaged)
    for path, expected in segment.items():
        assert problems(path, sections[path], expected) == []
    for path, expected in damaged.items():
        assert problems(path, sections.get(path, []), expected), path.name


class ApacheKafka:
    """One Apache Kafka node on loopback ports, and its console clients."""

    def __init__(self, path: Path) -> None:
        self.data = path / "apache"
        self.properties = path / "server.properties"
        self.address, controller = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self.properties.write_text(
            f"""process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={controller}
listeners=PLAINTEXT://{self.address},CONTROLLER://{controller}
controller.listener.names=CONTROLLER
log.dirs={self.data}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
"""
        )
        storage_tool = java(
            "kafka.tools.StorageTool", "format", "--standalone", "-t", "AAAAAAAAAAAAAAAAAAAAAQ"
        )
        subprocess.run(
            [*storage_tool, "-c", str(self.properties)], check=True, capture_output=True, timeout=60
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.properties.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(java("kafka.Kafka", str(self.properties)), stdout=log, stderr=log)
        port = int(self.address.rpartition(":")[2])
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError("Apache Kafka did not start")

    def end(self, how: int) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(60)
        self.process = None

    def produce(self, lines: list[str]) -> None:
        producer = java(
            "org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", self.address, "--topic", "t"
        )
        text = "".join(f"{line}\n" for line in lines)
        subprocess.run(producer, input=text, text=True, check=True, capture_output=True, timeout=60)

    def consume(self, count: int) -> list[str]:
        """What a read_committed consumer gets, up to `count` records."""
        consumer = java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", self.address)
        options = ("--topic", "t", "--from-beginning", "--isolation-level", "read_committed")
        limits = ("--max-messages", str(count), "--timeout-ms", "20000")
        done = subprocess.run(
            [*consumer, *options, *limits], text=True, check=False, capture_output=True, timeout=60
        )
        return done.stdout.splitlines()


@pytest.fixture
def apache(tmp_path: Path) -> Iterator[ApacheKafka]:
    apache = ApacheKafka(tmp_path)
    yield apache
    if apache.process is not None:
        apache.end(signal.SIGKILL)


@pytest.mark.skipif("KAFKA_LIBS" not in os.environ, reason="takes 20 s: asked for by setting $KAFKA_LIBS")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_partition_goes_to_and_fro(apache: ApacheKafka, disk: Disk, how: int) -> None:
    """Apache Kafka writes and ends, our log opens that, appends and ends the same way; it opens there again."""
    theirs = [f"theirs {number}" for number in range(50)]
    apache.start()
    apache.produce(theirs)
    apache.end(how)
    disk.path.mkdir()
    for name in ("t-0", "recovery-point-offset-checkpoint", "meta.properties", ".kafka_cleanshutdown"):
        source = apache.data / name
        if source.is_dir():
            shutil.copytree(source, disk.path / name)
        elif source.exists():
            shutil.copy(source, disk.path / name)
    topic_id = read_topic_id(str(disk.partition_path))
    assert topic_id is not None
    disk.clock.now = time.time_ns() // 1_000_000
    disk.start_without_opening()
    log = disk.partition(topic_id=topic_id)
    assert log.high_watermark == 50
    ours = [f"ours {number}" for number in range(5)]
    producer = {"producer_id": 77, "producer_epoch": 0}
    append(log, batch([line.encode() for line in ours], codec=Codec.GZIP, timestamps=disk.clock.now))
    append(
        log, batch([b"hidden"], base_sequence=0, transactional=True, timestamps=disk.clock.now, **producer)
    )
    append(log, encode_end_txn(ControlType.ABORT, coordinator_epoch=0, timestamp=disk.clock.now, **producer))
    append(log, batch([b"last"], timestamps=disk.clock.now))
    if how == signal.SIGTERM:
        disk.stop()
    else:
        disk.kill()
    shutil.rmtree(apache.data / "t-0")
    shutil.copytree(disk.partition_path, apache.data / "t-0")
    for name in ("recovery-point-offset-checkpoint", ".kafka_cleanshutdown"):
        if (disk.path / name).exists():
            shutil.copy(disk.path / name, apache.data / name)
    apache.start()
    assert apache.consume(56) == [*theirs, *ours, "last"]
    apache.produce(["and on"])
    assert apache.consume(57)[-1] == "and on"
