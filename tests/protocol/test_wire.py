import pytest

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.wire import read_tags, read_uvarint, uvarint


@pytest.mark.parametrize("value", [0, 1, 127, 128, 16383, 16384, 1 << 31, (1 << 32) - 1])
def test_uvarint(value: int) -> None:
    encoded = uvarint(value)
    assert read_uvarint(b"x" + encoded + b"y", 1) == (value, 1 + len(encoded))


def test_a_varint_may_be_longer_than_it_needs_to_be() -> None:
    """Apache Kafka reads it too."""
    assert read_uvarint(b"\x81\x80\x00", 0) == (1, 3)


@pytest.mark.parametrize("encoded", [b"\x80\x80\x80\x80\x10", b"\xff" * 5, b"\x80" * 5 + b"\0"])
def test_more_than_32_bits(encoded: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_uvarint(encoded, 0)


def test_an_unfinished_varint_is_an_index_error() -> None:
    """Readers turn it into a ProtocolError."""
    with pytest.raises(IndexError):
        read_uvarint(b"\x80", 0)


def test_tags_are_read_up_to_their_count() -> None:
    values: dict[int, object] = {}
    known = {4: lambda buffer, position, end: (bytes(buffer[position:end]), end)}
    tags = b"\x04\x02hi\x09\x01zrest"
    assert read_tags(tags, 0, len(tags), 2, known, values) == 7
    assert values == {4: b"hi"}
