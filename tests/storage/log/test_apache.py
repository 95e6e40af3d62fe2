"""What Apache Kafka's own code makes of our files. Needs Java, and Apache Kafka 4.3.1's jars in $KAFKA_LIBS."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from attrs import define
from kbroker.protocol.records import Codec, ControlType, encode_end_txn

from .conftest import NOW_MS, Disk, append, batch, now

_CACHED = Path(__file__).parents[3] / "compat-tests" / ".cache" / "kafka-4.3.1" / "libs"
LIBS = Path(os.environ.get("KAFKA_LIBS", _CACHED))
pytestmark = pytest.mark.skipif(
    not (shutil.which("java") and list(LIBS.glob("kafka-tools-*.jar"))),
    reason="needs java, and Apache Kafka's jars in $KAFKA_LIBS (or fetched by compat-tests)",
)


def java(*arguments: str, **options: object) -> list[str]:
    small = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
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
                "producerId: 5 producerEpoch: 1 coordinatorEpoch: 3 currentTxnFirstOffset: OptionalLong[8] "
                f"lastTimestamp: {NOW_MS + 4} firstSequence: 2 lastSequence: 2 lastOffset: 8 offsetDelta: 0 "
                f"timestamp: {NOW_MS + 4}",
            )
        ),
        disk.partition_path / f"{9:020d}.log": Expected(1, 4),
    }


def entries(index: object) -> tuple[list[int], list[int]]:
    return list(index._offsets), list(index._positions)  # type: ignore[attr-defined]


def time_entries(index: object) -> tuple[list[int], list[int]]:
    return list(index._offsets), list(index._timestamps)  # type: ignore[attr-defined]


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
