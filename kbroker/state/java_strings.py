"""What Java makes of strings: Kafka's partition of a group or a transactional id follows from their hash codes."""

from functools import lru_cache
from typing import Final

_SMALLEST: Final = -(2**31)
_KEPT: Final = 10_000


@lru_cache(_KEPT)
def hash_code(text: str) -> int:
    """`String.hashCode`: a signed integer of 32 bits, of the text's UTF-16 code units."""
    code = 0
    utf16 = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(utf16[::2], utf16[1::2], strict=True):
        code = (31 * code + (high << 8 | low)) & 0xFFFFFFFF
    return code if code < -_SMALLEST else code + 2 * _SMALLEST


def length(text: str) -> int:
    """`String.length`: how many UTF-16 code units there are."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def partition_for(key: str, partitions: int) -> int:
    """The partition of an internal topic in which Kafka keeps what belongs to `key`."""
    code = hash_code(key)
    return 0 if code == _SMALLEST else abs(code) % partitions
