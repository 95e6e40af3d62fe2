import gzip
import os
import random
import sys

import cramjam
import pytest

from kbroker.protocol.batch import Codec
from kbroker.protocol.compression import compress, decompress
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError

from ..cpu_time import cpu_s

PACKED = [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD]
INPUTS = [b"", b"a", b"hello " * 50_000, random.Random(1).randbytes(200_000)]


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("data", INPUTS, ids=["empty", "one byte", "repetitive", "random"])
def test_round_trip(codec: Codec, data: bytes) -> None:
    packed = compress(codec, memoryview(data))
    assert bytes(decompress(codec, memoryview(packed))) == data


@pytest.mark.parametrize("codec", PACKED)
def test_a_limit_holds_to_the_byte(codec: Codec) -> None:
    packed = compress(codec, bytes(300_000))
    assert len(decompress(codec, packed, 300_000)) == 300_000
    with pytest.raises(ProtocolError, match="unpack to more than 299999 bytes"):
        decompress(codec, packed, 299_999)


@pytest.mark.parametrize("codec", PACKED)
def test_damage_is_a_protocol_error(codec: Codec) -> None:
    packed = bytes(compress(codec, b"hello world, hello world" * 10))
    for damaged in (packed[:-1], packed[: len(packed) // 2], b"\xff" * 30, packed[:20] + b"\xff" * 20):
        with pytest.raises(ProtocolError):
            decompress(codec, damaged)


def test_gzip_may_have_several_members() -> None:
    assert decompress(Codec.GZIP, gzip.compress(b"one, ") + gzip.compress(b"two")) == b"one, two"


def test_gzip_members_of_all_sizes_one_after_the_other() -> None:
    """They are read in pieces, whose ends fall anywhere."""
    texts = [os.urandom(size) for size in (0, 1, 480, 511, 512, 513, 1500, 70_000, 0, 3_000_000, 7)]
    packed = b"".join(map(gzip.compress, texts))
    assert decompress(Codec.GZIP, memoryview(packed)) == b"".join(texts)
    for cut in (1, 5, 30, len(packed) // 2):
        with pytest.raises(ProtocolError):
            decompress(Codec.GZIP, packed[:-cut])


def test_many_empty_gzip_members_take_time_in_proportion_to_their_number() -> None:
    """A batch of 1 MB has room for 50,000; each once cost a copy of all that followed it."""

    def seconds(members: int) -> float:
        packed = gzip.compress(b"") * members
        return cpu_s(lambda: decompress(Codec.GZIP, packed))

    assert seconds(100_000) < 30 * seconds(10_000)


def test_snappy_without_xerial_blocks() -> None:
    """As librdkafka sends it."""
    assert decompress(Codec.SNAPPY, bytes(cramjam.snappy.compress_raw(b"hello"))) == b"hello"


def test_snappy_blocks_are_xerial_s() -> None:
    packed = bytes(compress(Codec.SNAPPY, b"hello"))
    assert packed.startswith(b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x07")


@pytest.mark.parametrize("size", [b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0"])
def test_snappy_block_lengths_that_lie(size: bytes) -> None:
    with pytest.raises(ProtocolError):
        decompress(Codec.SNAPPY, bytes(compress(Codec.SNAPPY, b""))[:16] + size)


def test_lz4_frame_has_independent_blocks() -> None:
    """Kafka's Java client refuses any other."""
    packed = bytes(compress(Codec.LZ4, bytes(100_000)))
    assert packed[:7] == bytes.fromhex("04224d18604082")
    assert bytes(cramjam.lz4.decompress(packed)) == bytes(100_000)


def test_levels() -> None:
    data = b"hello world" * 1000
    for codec in (Codec.GZIP, Codec.ZSTD):
        assert bytes(decompress(codec, compress(codec, data, 9))) == data
    assert len(compress(Codec.GZIP, data, 9)) < len(compress(Codec.GZIP, data, 0))


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cramjam", None)
    with pytest.raises(KafkaError, match="cramjam") as refusal:
        decompress(Codec.ZSTD, b"")
    assert refusal.value.code is ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    assert decompress(Codec.GZIP, gzip.compress(b"needs none")) == b"needs none"


def test_unknown_codec() -> None:
    with pytest.raises(ProtocolError):
        decompress(5, b"")
