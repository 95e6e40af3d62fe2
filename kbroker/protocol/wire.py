"""What compiled readers and writers share: varints, tagged fields, limits, and how source becomes a function.

Lengths are checked against what is left of the frame before anything is allocated for them.
"""

from collections.abc import Callable
from typing import Any, Final, NoReturn

from kbroker.protocol.errors import ProtocolError

Buffer = bytes | bytearray | memoryview

# struct module codes of the fixed-width kinds, and how many bytes each takes.
FIXED: Final = {
    "bool": ("?", 1),
    "int8": ("b", 1),
    "int16": ("h", 2),
    "uint16": ("H", 2),
    "int32": ("i", 4),
    "uint32": ("I", 4),
    "int64": ("q", 8),
    "float64": ("d", 8),
    "uuid": ("16s", 16),
}
MAX_STRING: Final = 0x7FFF
_MAX_VARINT_BYTES: Final = 5
_LAST_BYTE_MAX: Final = 0x0F  # 5 x 7 bits are 35: the last byte of 32 bits may hold only four


def malformed(what: str) -> NoReturn:
    """Refuse the bytes at hand."""
    raise ProtocolError(what)


def read_uvarint(buffer: Buffer, position: int) -> tuple[int, int]:
    """Read an unsigned varint of up to 32 bits; returns it and the position after. IndexError at the end."""
    value = shift = 0
    for _ in range(_MAX_VARINT_BYTES):
        byte = buffer[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004
            if shift == 28 and byte > _LAST_BYTE_MAX:  # noqa: PLR2004
                malformed("varint is longer than 32 bits")
            return value, position
        shift += 7
    malformed("varint is longer than 5 bytes")


def uvarint(value: int) -> bytes:
    """Encode an unsigned varint."""
    if value < 0x80:  # noqa: PLR2004
        return _ONE_BYTE[value]
    out = bytearray()
    while value >= 0x80:  # noqa: PLR2004
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


_ONE_BYTE: Final = [bytes((n,)) for n in range(128)]

TagReader = Callable[[Buffer, int, int], tuple[Any, int]]


def read_tags(  # noqa: PLR0917  called by generated code, for which names are only cost
    buffer: Buffer, position: int, end: int, count: int, known: dict[int, TagReader], values: dict[int, Any]
) -> int:
    """Read `count` tagged fields into `values`, skipping those not `known`; returns the position after."""
    for _ in range(count):
        tag, position = read_uvarint(buffer, position)
        size, position = read_uvarint(buffer, position)
        after = position + size
        if after > end:
            malformed(f"tagged field {tag} of {size} bytes where {end - position} are left")
        reader = known.get(tag)
        if reader is not None:
            values[tag], position = reader(buffer, position, after)
            if position != after:
                malformed(f"tagged field {tag} is not as long as it says")
        position = after
    return position
