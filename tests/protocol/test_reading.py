"""The compiled readers: what a version has, and that any bytes end in a message or a ProtocolError.

Lengths that lie make nobody allocate more than the frame.
"""

import linecache
import random
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.fields import message_spec
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.produce import ProduceRequest
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.schema import field, message, reader, writer

from .sample import FULL, GOLDEN, Item, Sample

RandomMessage = Callable[[random.Random, type, int], object]


@pytest.fixture(scope="module")
def samples(random_message: RandomMessage) -> list[tuple[type, int, bytes]]:
    """Bytes of one random request of each API in its first and last version."""
    made = []
    for api in APIS.values():
        versions = message_spec(api.request).versions
        for version in {versions.first, versions.last}:
            message = random_message(random.Random(api.key), api.request, version)
            made.append((api.request, version, b"".join(writer(api.request, version)(message))))
    return made


@pytest.mark.parametrize("api", APIS.values(), ids=lambda api: api.name)
def test_truncated_at_every_byte(api: Api, random_message: RandomMessage) -> None:
    versions = message_spec(api.request).versions
    for version in {versions.first, versions.last}:
        message = random_message(random.Random(api.key), api.request, version)
        encoded = memoryview(b"".join(writer(api.request, version)(message)))
        read = reader(api.request, version)
        for size in range(min(len(encoded), 300)):
            with pytest.raises(ProtocolError):
                read(encoded[:size])


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_damaged_bytes_give_a_message_or_a_protocol_error(
    data: st.DataObject, samples: list[tuple[type, int, bytes]]
) -> None:
    cls, version, encoded = data.draw(st.sampled_from(samples))
    damaged = bytearray(encoded)
    for _ in range(data.draw(st.integers(1, 4))):
        if damaged:
            place = data.draw(st.integers(0, len(damaged) - 1))
            damaged[place : place + 1] = data.draw(
                st.sampled_from([b"\xff", b"\x00", b"\x7f", b"\x80", b"", b"\xff" * 5])
            )
    with suppress(ProtocolError):
        reader(cls, version)(memoryview(damaged))


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(key=st.sampled_from(sorted(APIS)), junk=st.binary(max_size=200))
def test_junk_gives_a_message_or_a_protocol_error(key: int, junk: bytes) -> None:
    api = APIS[key]
    with suppress(ProtocolError):
        reader(api.request, api.last)(memoryview(junk))


BIG = b"\x7f\xff\xff\xff"


@pytest.mark.parametrize(
    ("cls", "version", "encoded"),
    [
        pytest.param(MetadataRequest, 8, BIG + bytes(20), id="array count beyond the frame"),
        pytest.param(MetadataRequest, 8, b"\xff\xff\xff\xfe" + bytes(20), id="negative array count"),
        pytest.param(MetadataRequest, 0, b"\xff\xff\xff\xff", id="null array where none may be"),
        pytest.param(MetadataRequest, 8, b"\0\0\0\1\x7f\xff" + bytes(20), id="string beyond the frame"),
        pytest.param(MetadataRequest, 8, b"\0\0\0\1\xff\xfe" + bytes(20), id="negative string length"),
        pytest.param(MetadataRequest, 8, b"\0\0\0\1\xff\xff" + bytes(20), id="null string where none may be"),
        pytest.param(
            MetadataRequest, 9, b"\xff\xff\xff\xff\x0f" + bytes(20), id="compact array beyond the frame"
        ),
        pytest.param(
            MetadataRequest, 9, b"\x80\x80\x80\x80\x10" + bytes(20), id="varint of more than 32 bits"
        ),
        pytest.param(
            MetadataRequest, 9, b"\x80\x80\x80\x80\x80\x00" + bytes(20), id="varint of more than 5 bytes"
        ),
        pytest.param(
            MetadataRequest, 9, b"\x01\0\0\0\x01\0\xff\xff\xff\xff\x0f", id="tagged field beyond the frame"
        ),
        pytest.param(
            MetadataRequest, 9, b"\x01\0\0\0\xff\xff\xff\xff\x0f", id="more tagged fields than bytes"
        ),
        pytest.param(SaslAuthenticateRequest, 0, BIG + bytes(20), id="bytes beyond the frame"),
        pytest.param(SaslAuthenticateRequest, 0, b"\xff\xff\xff\xff", id="null bytes where none may be"),
        pytest.param(
            SaslAuthenticateRequest,
            2,
            b"\xff\xff\xff\xff\x0f" + bytes(20),
            id="compact bytes beyond the frame",
        ),
        pytest.param(
            ProduceRequest,
            8,
            b"\xff\xff\0\1" + bytes(4) + b"\0\0\0\1\0\0\0\0\0\1\0\0\0\0" + BIG,
            id="records beyond the frame",
        ),
        pytest.param(
            FetchRequest,
            12,
            bytes(13) + b"\xff" * 4 + b"\1\1\1\1\0\2\xff",
            id="a known tagged field of the wrong size",
        ),
    ],
)
def test_lying_lengths_are_refused_without_allocating(cls: type, version: int, encoded: bytes) -> None:
    read = reader(cls, version)
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError):
            read(memoryview(encoded))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32 * 1024


def test_bytes_after_the_message_are_ignored() -> None:
    """As Apache Kafka does."""
    assert reader(MetadataRequest, 0)(memoryview(b"\0\0\0\0abc")) == MetadataRequest(topics=[])


def test_a_message_may_start_inside_its_buffer() -> None:
    assert reader(MetadataRequest, 0)(memoryview(b"header\0\0\0\0"), 6) == MetadataRequest(topics=[])


def test_reads_what_the_version_has_and_defaults_for_the_rest() -> None:
    assert reader(Sample, 3)(GOLDEN[3]) == FULL
    assert reader(Sample, 0)(memoryview(GOLDEN[0])) == Sample(
        flag=True, note="hi", blob=b"\x01\x02", items=[Item("a")]
    )


def test_unknown_tagged_fields_are_skipped() -> None:
    """Also between known ones, and in any order, as Apache Kafka reads them."""
    start = GOLDEN[3][: GOLDEN[3].index(b"\x03\x00\x02\x02t")]
    tags = b"\x04\x09\x03abc\x01\x08\0\0\0\0\0\0\0\x04\x00\x02\x02t\x05\x02\x02\0"
    assert reader(Sample, 3)(start + tags) == FULL


def test_unknown_tagged_fields_of_nested_structs_are_skipped() -> None:
    assert reader(Sample, 3)(GOLDEN[3].replace(b"\x01\x09\0", b"\x01\x09\x01\x07\x02zz", 1)) == FULL


def test_a_tagged_field_must_be_as_long_as_it_says() -> None:
    with pytest.raises(ProtocolError, match="tagged field 1 is not as long as it says"):
        reader(Sample, 2)(GOLDEN[2].replace(b"\x01\x08\0\0", b"\x01\x09\0\0") + b"\0")


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


def test_records_are_a_view_of_the_frame() -> None:
    @message(versions="0")
    class Frame:
        records: bytes | memoryview | None = field("records", nullable="0+")

    frame = memoryview(b"\0\0\0\x03abc")
    read = reader(Frame, 0)(frame)
    assert isinstance(read.records, memoryview)
    assert read.records.obj is frame.obj
    assert bytes(read.records) == b"abc"


def test_text_that_is_not_utf_8_is_replaced() -> None:
    """As Apache Kafka does, rather than closing the connection."""
    encoded = GOLDEN[0].replace(b"hi", b"h\xff")
    assert reader(Sample, 0)(encoded).note == "h\N{REPLACEMENT CHARACTER}"


def test_an_error_names_the_message_and_its_version() -> None:
    with pytest.raises(ProtocolError, match="Sample version 3 ends early"):
        reader(Sample, 3)(b"\x01\0")
    with pytest.raises(ProtocolError, match="Sample version 0: note of 4096 bytes where 2 are left"):
        reader(Sample, 0)(b"\x01\x10\0hi")
