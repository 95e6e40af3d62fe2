"""Compressed records of every codec, bombs among them: never more than was allowed comes out."""

import gzip
import zlib
from collections.abc import Iterator

import cramjam
from engine.bounds import peak_memory
from fixtures import outcome

from kbroker.protocol.batch import Codec
from kbroker.protocol.compression import compress, decompress
from kbroker.protocol.errors import ProtocolError

MOST = 1 << 20
_MOST_MEMORY = (
    48 << 20
)  # the largest windows of zstd are 8 MiB with Kafka's levels, and more may be asked for
_BOMB = bytes(64 << 20)
_CODECS = (Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD)


def check(data: bytes) -> None:
    """At most MOST bytes, or a ProtocolError; memory is not more for what a header claims."""
    codec = _CODECS[(data[:1] or b"\0")[0] % len(_CODECS)]
    before = peak_memory()
    try:
        plain = decompress(codec, memoryview(data)[1:], MOST)
    except ProtocolError as error:
        outcome.note(codec, str(error).rpartition(":")[2][:30])
    else:
        assert len(plain) <= MOST, f"{len(plain)} bytes came out"
        again = decompress(codec, compress(codec, plain), MOST)
        assert bytes(again) == bytes(plain), "packed again it is something else"
        outcome.note(codec, min(len(plain), 1).bit_length(), len(plain).bit_length())
    grown = peak_memory() - before
    assert grown < _MOST_MEMORY, f"{grown >> 20} MiB of memory"


def seeds() -> Iterator[bytes]:
    """What the codecs make of little, of nothing and of far too much, in each form that clients may send."""
    texts = (b"", b"a", b"record " * 40, bytes(range(256)) * 4, bytes(100_000))
    for number, codec in enumerate(_CODECS):
        for text in texts:
            yield bytes((number,)) + bytes(compress(codec, text))
        yield bytes((number,))
    for text in (*texts, _BOMB):
        yield b"\1" + bytes(cramjam.snappy.compress_raw(text))[:60_000]
        yield b"\1" + bytes(cramjam.snappy.compress(text))[:60_000]
        yield b"\2" + bytes(cramjam.lz4.compress(text))[:60_000]
        yield b"\3" + bytes(cramjam.zstd.compress(text, level=19))[:60_000]
    yield b"\0" + gzip.compress(_BOMB)
    yield b"\0" + gzip.compress(gzip.compress(_BOMB))
    yield b"\0" + gzip.compress(b"a") * 50
    yield b"\0" + zlib.compress(b"a")
    # Blocks that say they get long: xerial's with a snappy length of 4 GiB,
    # frames of zstd with windows of 2 GiB and more.
    yield b"\1\x82SNAPPY\0\0\0\0\1\0\0\0\1\0\0\0\6\xff\xff\xff\xff\x0f\0"
    yield b"\1\x82SNAPPY\0\0\0\0\1\0\0\0\1" + (b"\0\0\0\6\x80\x80\x40\0a\0") * 40
    yield b"\3\x28\xb5\x2f\xfd\0\xa8\x01\0\0"
    yield b"\3\x28\xb5\x2f\xfd\xc0\xa8" + b"\xff" * 8 + b"\x01\0\0"
    yield b"\3" + bytes(cramjam.zstd.compress(b"a")) * 300
    yield b"\2" + bytes.fromhex("04224d186c70ffffffffffffffff00") + bytes(8)
