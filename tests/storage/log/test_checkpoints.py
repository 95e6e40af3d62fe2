from pathlib import Path

import pytest

from kbroker.storage.log.checkpoints import read_offsets, read_topic_id, write_offsets, write_topic_id
from kbroker.storage.log.file_system import FileSystem


def test_offsets_are_written_as_kafka_does(tmp_path: Path) -> None:
    path = str(tmp_path / "recovery-point-offset-checkpoint")
    offsets = {("orders", 0): 5, ("a.b-c_d", 12): 2**40}
    write_offsets(FileSystem(), path, offsets)
    assert Path(path).read_text() == f"0\n2\norders 0 5\na.b-c_d 12 {2**40}\n"
    assert read_offsets(path) == offsets


@pytest.mark.parametrize(
    "content", ["", "0", "1\n0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\na b c\n", "0\nx\n"]
)
def test_damaged_offsets_count_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "file").write_text(content)
    assert read_offsets(str(tmp_path / "file")) == {}
    assert read_offsets(str(tmp_path / "missing")) == {}


def test_offsets_without_a_last_line_end_are_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("0\n1\na 0 1")
    assert read_offsets(str(tmp_path / "file")) == {("a", 0): 1}


def test_topic_id_is_written_as_kafka_does(tmp_path: Path) -> None:
    topic_id = bytes.fromhex("2c2611be6e8e4b668c2d3de42bc47a28")
    write_topic_id(FileSystem(), str(tmp_path), topic_id)
    assert (tmp_path / "partition.metadata").read_bytes() == b"version: 0\ntopic_id: LCYRvm6OS2aMLT3kK8R6KA"
    assert read_topic_id(str(tmp_path)) == topic_id


@pytest.mark.parametrize(
    "content", ["", "version: 0", "version: 1\ntopic_id: LCYRvm6OS2aMLT3kK8R6KA", "version: 0\ntopic_id: x"]
)
def test_damaged_topic_id_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "partition.metadata").write_text(content)
    assert read_topic_id(str(tmp_path)) is None
    assert read_topic_id(str(tmp_path / "missing")) is None
