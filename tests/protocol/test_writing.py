"""The compiled writers, byte by byte."""

import linecache
import traceback

import pytest

from kbroker.protocol.errors import TextTooLongError
from kbroker.protocol.schema import array_of, field, message, writer
from kbroker.protocol.writing import gather

from .sample import FULL, GOLDEN, Extra, Item, Sample


@pytest.mark.parametrize("version", GOLDEN)
def test_writes_the_bytes_of_the_version(version: int) -> None:
    assert b"".join(writer(Sample, version)(FULL)) == GOLDEN[version]


def test_tagged_fields_with_their_default_are_not_written() -> None:
    assert b"".join(writer(Sample, 3)(Sample(note="", tagged_extra=Extra(-1)))).endswith(b"\xff\0")


@pytest.mark.parametrize(
    "wrong",
    [
        Sample(note=None),
        Sample(note="", items=None),
        Sample(note="", blob=None),  # type: ignore[arg-type]
        Sample(note="", flag=True, items=[Item(name=3)]),  # type: ignore[arg-type]
    ],
)
def test_what_version_0_cannot_express_is_a_value_error(wrong: Sample) -> None:
    with pytest.raises(ValueError, match="Sample version 0 cannot be written"):
        writer(Sample, 0)(wrong)


def test_a_text_that_is_too_long_is_told_from_other_errors() -> None:
    assert writer(Sample, 0)(Sample(note="x" * 0x7FFF))
    for text in ("x" * 0x8000, "\N{REPLACEMENT CHARACTER}" * 12_000):
        with pytest.raises(TextTooLongError, match=f"a string of {len(text.encode())} bytes"):
            writer(Sample, 0)(Sample(note=text))


def test_half_a_pair_of_utf_16_becomes_a_question_mark_as_in_java() -> None:
    assert writer(Sample, 0)(Sample(note="a\ud800")) == writer(Sample, 0)(Sample(note="a?"))


@pytest.mark.parametrize("wrong", [Sample(count=1 << 31), Sample(ident=b"short"), Sample(count=None)])  # type: ignore[arg-type]
def test_numbers_out_of_range_and_short_uuids_are_value_errors(wrong: Sample) -> None:
    with pytest.raises(ValueError, match="Sample version 1 cannot be written"):
        writer(Sample, 1)(wrong)


def test_fields_the_version_lacks_are_dropped_whatever_they_hold() -> None:
    assert b"".join(writer(Sample, 0)(Sample(note="", count=1 << 40, ident=b""))) == b"\0\0\0\0\0\0\0\0\0\0\0"


def test_compiled_source_shows_in_tracebacks() -> None:
    with pytest.raises(ValueError, match="cannot be written") as failure:
        writer(Sample, 0)(Sample(note=None))
    assert failure.value.__cause__ is not None
    last = traceback.extract_tb(failure.value.__cause__.__traceback__)[-1]
    assert last.filename in linecache.cache
    assert last.line == "_v = _v.encode('utf-8', 'replace')"


def test_neighbouring_fixed_width_fields_share_one_pack() -> None:
    @message(versions="0")
    class Packed:
        a: int = field("int8")
        b: int = field("int64")
        c: bool = field("bool")
        d: str = field("string")

    assert b"".join(writer(Packed, 0)(Packed(1, 2, True, "x"))) == b"\x01\0\0\0\0\0\0\0\x02\x01\0\x01x"
    sources = [entry[2] for name, entry in linecache.cache.items() if "Packed v0" in name and "write" in name]
    assert sum("pack" in line for line in sources[0]) == 1


def test_arrays_of_numbers_are_packed_at_once_and_null_has_its_own_length() -> None:
    @message(versions="0-1", flexible="1")
    class Numbers:
        values: list[int] | None = field(array_of("int16"), nullable="0+")

    assert b"".join(writer(Numbers, 0)(Numbers([1, -1]))) == b"\0\0\0\x02\0\x01\xff\xff"
    assert b"".join(writer(Numbers, 0)(Numbers(None))) == b"\xff\xff\xff\xff"
    assert b"".join(writer(Numbers, 1)(Numbers([1, -1]))) == b"\x03\0\x01\xff\xff\0"
    assert b"".join(writer(Numbers, 1)(Numbers(None))) == b"\0\0"


def test_records_are_not_copied() -> None:
    @message(versions="0")
    class Carrier:
        before: str = field("string")
        records: bytes | memoryview | None = field("records", nullable="0+")
        after: str = field("string")

    records = memoryview(bytes(5000))
    chunks = writer(Carrier, 0)(Carrier("a", records, "b"))
    assert [len(chunk) for chunk in chunks] == [7, 5000, 3]
    assert chunks[1] is records


def test_small_neighbours_are_joined_and_their_order_is_kept() -> None:
    big, bigger = bytes(1024), bytes(2000)
    assert gather([b"a", b"b"]) == [b"ab"]
    assert gather([b"a", big, b"b", b"c", bigger]) == [b"a", big, b"bc", bigger]
    assert gather([big, bigger, b"z"]) == [big, bigger, b"z"]
    assert b"".join(gather([])) == b""
