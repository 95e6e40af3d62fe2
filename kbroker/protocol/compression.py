"""The codecs of record batches, each imported when a batch first needs it.

Framing is that of Kafka's own client: gzip members, xerial blocks for snappy (bare snappy is read too), LZ4
frames with independent blocks, zstd frames. What a batch unpacks to is limited, so that a small one cannot
fill memory.
"""

import zlib
from collections.abc import Callable
from struct import Struct, error
from typing import Any, Final

from kbroker.protocol.batch import Codec
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.protocol.wire import Buffer

MAX_DECOMPRESSED: Final = 1 << 28

_GZIP_WINDOW: Final = 31  # zlib's way to say: a gzip header, the largest window
_XERIAL_MAGIC: Final = b"\x82SNAPPY\x00"
_XERIAL_HEADER: Final = _XERIAL_MAGIC + b"\x00\x00\x00\x01" * 2  # version and oldest compatible version
_SNAPPY_BLOCK: Final = 32 * 1024
_LZ4_HEADER: Final = bytes.fromhex("04224d18604082")  # independent blocks of at most 64 KiB; header checksum
_LZ4_BLOCK: Final = 64 * 1024
_LZ4_STORED: Final = 1 << 31
_LZ4_END: Final = bytes(4)
_BIG_ENDIAN_LENGTH: Final = Struct(">i")
_LITTLE_ENDIAN_LENGTH: Final = Struct("<I")
_FIRST_GUESS: Final = 1 << 16
_GZIP_PIECE: Final = 512  # of a member at first: what follows its end is copied
_GZIP_LARGEST_PIECE: Final = 1 << 20
_ZSTD_LEVEL: Final = 3
_LZ4_FAST_LEVEL: Final = 9
_LZ4_LOWEST_HIGH_LEVEL: Final = 3


def decompress(codec: int, data: Buffer, max_size: int = MAX_DECOMPRESSED) -> Buffer:
    """Unpack the records of a batch.

    Raises ProtocolError for data that is damaged or unpacks to more than `max_size` bytes, and KafkaError
    UNSUPPORTED_COMPRESSION_TYPE when the codec's library is not installed.
    """
    if codec == Codec.NONE:
        return data
    unpack = _DECOMPRESS.get(codec)
    if unpack is None:
        raise ProtocolError(f"compression codec {codec} is unknown")
    return unpack(data, max_size)


def compress(codec: int, data: Buffer, level: int | None = None) -> Buffer:
    """Pack the records of a batch; `level` is the codec's own scale, snappy has none."""
    if codec == Codec.NONE:
        return data
    return _COMPRESS[codec](data, level)


def _cramjam() -> Any:
    try:
        import cramjam
    except ImportError:
        raise KafkaError(
            ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, "snappy, lz4 and zstd need the package cramjam"
        ) from None
    return cramjam


def _too_big(max_size: int) -> ProtocolError:
    return ProtocolError(f"records unpack to more than {max_size} bytes")


def _gunzip(data: Buffer, max_size: int) -> bytes:
    """Unpack members, in pieces: each costs a copy of what follows it in its last one."""
    out = bytearray()
    position = 0
    view = memoryview(data)
    if not data:
        raise ProtocolError("gzip records end before they begin")
    while position < len(view):
        member = zlib.decompressobj(_GZIP_WINDOW)
        piece = _GZIP_PIECE
        while not member.eof:
            if position >= len(view):
                raise ProtocolError("gzip records end early")
            end = min(position + piece, len(view))
            try:
                out += member.decompress(view[position:end], max_size + 1 - len(out))
            except zlib.error as damage:
                raise ProtocolError(f"gzip records are damaged: {damage}") from None
            if len(out) > max_size:
                raise _too_big(max_size)
            position = end - len(member.unused_data)
            piece = min(2 * piece, _GZIP_LARGEST_PIECE)
    return bytes(out)


def _gzip(data: Buffer, level: int | None) -> bytes:
    packer = zlib.compressobj(-1 if level is None else level, wbits=_GZIP_WINDOW)
    return packer.compress(data) + packer.flush()


def _unsnappy(data: Buffer, max_size: int) -> bytes:
    if bytes(data[: len(_XERIAL_MAGIC)]) != _XERIAL_MAGIC:
        return _snappy_block(data, max_size, 0)
    out = bytearray()
    position = len(_XERIAL_HEADER)
    try:
        while position < len(data):
            (size,) = _BIG_ENDIAN_LENGTH.unpack_from(data, position)
            position += 4
            if not 0 <= size <= len(data) - position:
                raise ProtocolError(f"snappy block of {size} bytes where {len(data) - position} are left")
            out += _snappy_block(data[position : position + size], max_size, len(out))
            position += size
    except error:
        raise ProtocolError("snappy records end early") from None
    return bytes(out)


def _snappy_block(block: Buffer, max_size: int, before: int) -> bytes:
    cramjam = _cramjam()
    try:
        if cramjam.snappy.decompress_raw_len(block) > max_size - before:
            raise _too_big(max_size)
        return bytes(cramjam.snappy.decompress_raw(block))
    except cramjam.DecompressionError as damage:
        raise ProtocolError(f"snappy records are damaged: {damage}") from None


def _snappy(data: Buffer, level: int | None) -> bytes:  # noqa: ARG001  snappy has no levels
    pack = _cramjam().snappy.compress_raw
    out = bytearray(_XERIAL_HEADER)
    for start in range(0, len(data), _SNAPPY_BLOCK):
        block = bytes(pack(data[start : start + _SNAPPY_BLOCK]))
        out += _BIG_ENDIAN_LENGTH.pack(len(block)) + block
    return bytes(out)


def _unlz4(data: Buffer, max_size: int) -> Buffer:
    return _unpack_into("lz4", data, max_size)


def _lz4(data: Buffer, level: int | None) -> bytes:
    """As Apache Kafka: the default level means the fast algorithm, any other one the high compression."""
    if level is not None and level != _LZ4_FAST_LEVEL:
        # The library's levels below 3 are the fast algorithm again. Kafka's client reads no linked blocks.
        packer = _cramjam().lz4.Compressor(
            level=max(level, _LZ4_LOWEST_HIGH_LEVEL), content_checksum=False, block_linked=False
        )
        packer.compress(bytes(data))
        return bytes(packer.finish())
    pack = _cramjam().lz4.compress_block
    out = bytearray(_LZ4_HEADER)
    for start in range(0, len(data), _LZ4_BLOCK):
        plain = bytes(data[start : start + _LZ4_BLOCK])
        block = bytes(pack(plain, store_size=False))
        if len(block) < len(plain):
            out += _LITTLE_ENDIAN_LENGTH.pack(len(block)) + block
        else:
            out += _LITTLE_ENDIAN_LENGTH.pack(len(plain) | _LZ4_STORED) + plain
    return bytes(out + _LZ4_END)


def _unzstd(data: Buffer, max_size: int) -> Buffer:
    if not data:  # no frame at all unpacks to nothing
        _cramjam()
        return data
    return _unpack_into("zstd", data, max_size)


def _zstd(data: Buffer, level: int | None) -> bytes:
    return bytes(_cramjam().zstd.compress(data, level=_ZSTD_LEVEL if level is None else level))


def _unpack_into(name: str, data: Buffer, max_size: int) -> Buffer:
    """Unpack into a buffer that grows only as far as `max_size`: frames need not say how long they get."""
    cramjam = _cramjam()
    unpack = getattr(cramjam, name).decompress_into
    capacity = min(max_size, max(_FIRST_GUESS, 4 * len(data)))
    while True:
        out = bytearray(capacity)
        try:
            size = unpack(data, out)
        except cramjam.DecompressionError as damage:
            if "whole buffer" not in str(damage):
                raise ProtocolError(f"{name} records are damaged: {damage}") from None
            if capacity == max_size:
                raise _too_big(max_size) from None
            capacity = min(max_size, 4 * capacity)
            continue
        return memoryview(out)[:size]


_DECOMPRESS: Final[dict[int, Callable[[Buffer, int], Buffer]]] = {
    Codec.GZIP: _gunzip,
    Codec.SNAPPY: _unsnappy,
    Codec.LZ4: _unlz4,
    Codec.ZSTD: _unzstd,
}
_COMPRESS: Final[dict[int, Callable[[Buffer, int | None], Buffer]]] = {
    Codec.GZIP: _gzip,
    Codec.SNAPPY: _snappy,
    Codec.LZ4: _lz4,
    Codec.ZSTD: _zstd,
}
