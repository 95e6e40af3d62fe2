"""DER, as much of it as certificates need: elements of a tag, a length and contents (X.690)."""

from collections.abc import Iterator

from attrs import frozen

SEQUENCE = 0x30
SET = 0x31
OBJECT_IDENTIFIER = 0x06
OCTET_STRING = 0x04
UTF8_STRING = 0x0C

_LONG_TAG = 0x1F
_LONG_LENGTH = 0x80
_LAST_SEVEN_BITS = 0x7F
_MOST_LENGTH_BYTES = 4


class DerError(ValueError):
    """Bytes that are no DER."""


@frozen
class Element:
    """One element: its tag, its contents, and both with the length in `encoded`."""

    tag: int
    contents: bytes
    encoded: bytes

    def children(self) -> Iterator["Element"]:
        """The elements that it is made of."""
        return elements(self.contents)

    def expect(self, tag: int) -> "Element":
        """The element itself. Raises DerError if it has another tag."""
        if self.tag != tag:
            raise DerError(f"tag {self.tag:#x} where {tag:#x} was expected")
        return self


def elements(data: bytes) -> Iterator[Element]:
    """The elements that follow one another in `data`. Raises DerError."""
    offset = 0
    while offset < len(data):
        element = _element(data, offset)
        offset += len(element.encoded)
        yield element


def element(data: bytes) -> Element:
    """The one element that `data` is. Raises DerError."""
    only = _element(data, 0)
    if len(only.encoded) != len(data):
        raise DerError(f"{len(data) - len(only.encoded)} bytes after the element")
    return only


def _element(data: bytes, offset: int) -> Element:
    try:
        tag, length, start = data[offset], data[offset + 1], offset + 2
    except IndexError:
        raise DerError("cut short") from None
    if tag & _LONG_TAG == _LONG_TAG:
        raise DerError("a tag of several bytes")
    if length & _LONG_LENGTH:
        count = length & _LAST_SEVEN_BITS
        if not 0 < count <= _MOST_LENGTH_BYTES:
            raise DerError(f"a length of {count} bytes")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    if start + length > len(data):
        raise DerError("cut short")
    return Element(tag, data[start : start + length], data[offset : start + length])


def oid_text(contents: bytes) -> str:
    """An object identifier as people write it: `2.5.4.3`. Raises DerError."""
    numbers: list[int] = []
    number = 0
    for byte in contents:
        number = number << 7 | byte & _LAST_SEVEN_BITS
        if not byte & _LONG_LENGTH:
            numbers.append(number)
            number = 0
    if not numbers or contents[-1] & _LONG_LENGTH:
        raise DerError("an object identifier cut short")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - first * 40, *numbers[1:])))
