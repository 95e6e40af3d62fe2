"""The compiled codec on small messages, byte by byte."""

# ruff: noqa: ISC001  bytes are written field by field

import linecache
import traceback

import pytest

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.schema import ZERO_UUID, array_of, field, message, reader, struct, writer


@struct
class Item:
    name: str = field("string")
    sizes: list[int] = field(array_of("int32"), "1+")


@struct
class Extra:
    level: int = field("int8", default=-1)


@message(key=1000, versions="0-3", flexible="2+")
class Sample:
    flag: bool = field("bool")
    count: int = field("int32", "1+", default=7)
    note: str | None = field("string", nullable="1+", default=None)
    blob: bytes = field("bytes")
    ident: bytes = field("uuid", "1+")
    items: list[Item] | None = field(array_of(Item), nullable="1+")
    extra: Extra | None = field(Extra, "1+", nullable="1+", default=None)
    tagged: int = field("int64", "2+", tag=1, default=-1)
    tagged_text: str = field("string", "3+", tag=0)
    tagged_extra: Extra = field(Extra, "3+", tag=5)


FULL = Sample(
    flag=True, count=3, note="hi", blob=b"\x01\x02", ident=bytes(range(16)),
    items=[Item("a", [5, -1])], extra=Extra(9), tagged=4, tagged_text="t", tagged_extra=Extra(2),
)  # fmt: skip
IDENT = bytes(range(16))
GOLDEN = {
    0: b"\x01" b"\0\x02hi" b"\0\0\0\x02\x01\x02" b"\0\0\0\x01" b"\0\x01a",
    1: b"\x01" b"\0\0\0\x03" b"\0\x02hi" b"\0\0\0\x02\x01\x02" + IDENT
    + b"\0\0\0\x01" b"\0\x01a" b"\0\0\0\x02\0\0\0\x05\xff\xff\xff\xff" b"\x01\x09",
    2: b"\x01" b"\0\0\0\x03" b"\x03hi" b"\x03\x01\x02" + IDENT
    + b"\x02" b"\x02a" b"\x03\0\0\0\x05\xff\xff\xff\xff" b"\0" b"\x01\x09\0"
    b"\x01" b"\x01\x08\0\0\0\0\0\0\0\x04",
    3: b"\x01" b"\0\0\0\x03" b"\x03hi" b"\x03\x01\x02" + IDENT
    + b"\x02" b"\x02a" b"\x03\0\0\0\x05\xff\xff\xff\xff" b"\0" b"\x01\x09\0"
    b"\x03" b"\x00\x02\x02t" b"\x01\x08\0\0\0\0\0\0\0\x04" b"\x05\x02\x02\0",
}  # fmt: skip


@pytest.mark.parametrize("version", GOLDEN)
def test_writes_the_bytes_of_the_version(version: int) -> None:
    assert b"".join(writer(Sample, version)(FULL)) == GOLDEN[version]


def test_reads_what_the_version_has_and_defaults_for_the_rest() -> None:
    assert reader(Sample, 3)(GOLDEN[3]) == FULL
    assert reader(Sample, 0)(memoryview(GOLDEN[0])) == Sample(
        flag=True, note="hi", blob=b"\x01\x02", items=[Item("a")]
    )


def test_defaults_are_those_of_the_schema() -> None:
    assert Sample() == Sample(False, 7, None, b"", ZERO_UUID, [], None, -1, "", Extra(-1))


def test_null_is_told_from_empty() -> None:
    for version in (1, 2, 3):
        null = Sample(note=None, items=None)
        empty = Sample(note="", items=[])
        for value in (null, empty):
            assert reader(Sample, version)(b"".join(writer(Sample, version)(value))) == value


def test_tagged_fields_with_their_default_are_not_written() -> None:
    assert b"".join(writer(Sample, 3)(Sample(note="", tagged_extra=Extra(-1)))).endswith(b"\xff\0")


def test_unknown_tagged_fields_are_skipped() -> None:
    """Also between known ones, and in any order, as Apache Kafka reads them."""
    start = GOLDEN[3][: GOLDEN[3].index(b"\x03\x00\x02\x02t")]
    tags = b"\x04\x09\x03abc\x01\x08\0\0\0\0\0\0\0\x04\x00\x02\x02t\x05\x02\x02\0"
    assert reader(Sample, 3)(start + tags) == FULL


def test_unknown_tagged_fields_of_nested_structs_are_skipped() -> None:
    assert reader(Sample, 3)(GOLDEN[3].replace(b"\x01\x09\0", b"\x01\x09\x01\x07\x02zz", 1)) == FULL


@pytest.mark.parametrize(
    "wrong",
    [
        Sample(note=None),
        Sample(note="", items=None),
        Sample(note="x" * 0x8000),
        Sample(note="\ud800"),
        Sample(note="", blob=None),  # type: ignore[arg-type]
        Sample(note="", flag=True, items=[Item(name=3)]),  # type: ignore[arg-type]
    ],
)
def test_what_version_0_cannot_express_is_a_value_error(wrong: Sample) -> None:
    with pytest.raises(ValueError, match="Sample version 0 cannot be written"):
        writer(Sample, 0)(wrong)


@pytest.mark.parametrize("wrong", [Sample(count=1 << 31), Sample(ident=b"short"), Sample(count=None)])  # type: ignore[arg-type]
def test_numbers_out_of_range_and_short_uuids_are_value_errors(wrong: Sample) -> None:
    with pytest.raises(ValueError, match="Sample version 1 cannot be written"):
        writer(Sample, 1)(wrong)


def test_fields_the_version_lacks_are_dropped_whatever_they_hold() -> None:
    assert b"".join(writer(Sample, 0)(Sample(note="", count=1 << 40, ident=b""))) == b"\0\0\0\0\0\0\0\0\0\0\0"


def test_versions_the_schema_lacks_are_refused() -> None:
    for make in (reader, writer):
        with pytest.raises(ValueError, match="Sample has no version 4"):
            make(Sample, 4)


def test_readers_and_writers_are_compiled_once() -> None:
    assert reader(Sample, 1) is reader(Sample, 1)
    assert writer(Sample, 1) is writer(Sample, 1)


def test_compiled_source_shows_in_tracebacks() -> None:
    with pytest.raises(ValueError, match="cannot be written") as failure:
        writer(Sample, 0)(Sample(note=None))
    assert failure.value.__cause__ is not None
    last = traceback.extract_tb(failure.value.__cause__.__traceback__)[-1]
    assert last.filename in linecache.cache
    assert last.line == "_v = _v.encode()"


def test_neighbouring_fixed_width_fields_share_one_unpack() -> None:
    @message(versions="0")
    class Fixed:
        a: int = field("int8")
        b: int = field("int64")
        c: bool = field("bool")
        d: str = field("string")

    assert reader(Fixed, 0)(b"\x01\0\0\0\0\0\0\0\x02\x01\0\x01x") == Fixed(1, 2, True, "x")
    sources = [entry[2] for name, entry in linecache.cache.items() if "Fixed v0" in name and "read" in name]
    assert sum(line.count("unpack") for line in sources[0]) == 1


def test_big_chunks_are_not_copied() -> None:
    @message(versions="0")
    class Carrier:
        before: str = field("string")
        records: bytes | memoryview | None = field("records", nullable="0+")
        after: str = field("string")

    records = memoryview(bytes(5000))
    chunks = writer(Carrier, 0)(Carrier("a", records, "b"))
    assert [len(chunk) for chunk in chunks] == [7, 5000, 3]
    assert chunks[1] is records
    frame = memoryview(b"".join(chunks))
    read = reader(Carrier, 0)(frame)
    assert isinstance(read.records, memoryview)
    assert read.records.obj is frame.obj


def test_a_tagged_field_must_be_as_long_as_it_says() -> None:
    with pytest.raises(ProtocolError, match="tagged field 1 is not as long as it says"):
        reader(Sample, 2)(GOLDEN[2].replace(b"\x01\x08\0\0", b"\x01\x09\0\0") + b"\0")
