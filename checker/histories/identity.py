"""Who a record is: its producer and its number, packed into one int, which is also its value's first eight bytes."""

from struct import Struct

NUMBER_BITS = 40
NUMBER_MASK = (1 << NUMBER_BITS) - 1
IDENTITY = Struct(">Q")
KEY = Struct(">H")


def packed(producer: int, number: int) -> int:
    """A record's identity as one int."""
    return producer << NUMBER_BITS | number


def unpacked(record: int) -> tuple[int, int]:
    """Producer and number."""
    return record >> NUMBER_BITS, record & NUMBER_MASK
