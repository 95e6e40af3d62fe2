"""The face of the codec: what is written can be read, in every version, by functions that are made once."""

import pytest

from kbroker.protocol.schema import reader, writer

from .sample import FULL, Sample


@pytest.mark.parametrize("version", [2, 3])
def test_what_is_written_is_read(version: int) -> None:
    assert reader(Sample, version)(b"".join(writer(Sample, version)(FULL))).items == FULL.items


def test_null_is_told_from_empty() -> None:
    for version in (1, 2, 3):
        null = Sample(note=None, items=None)
        empty = Sample(note="", items=[])
        for value in (null, empty):
            assert reader(Sample, version)(b"".join(writer(Sample, version)(value))) == value


def test_versions_the_schema_lacks_are_refused() -> None:
    for make in (reader, writer):
        with pytest.raises(ValueError, match="Sample has no version 4"):
            make(Sample, 4)


def test_readers_and_writers_are_compiled_once() -> None:
    assert reader(Sample, 1) is reader(Sample, 1)
    assert writer(Sample, 1) is writer(Sample, 1)
