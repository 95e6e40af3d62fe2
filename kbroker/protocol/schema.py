"""The face of the codec: declare messages here, and get the compiled reader and writer of one version.

    read = reader(HeartbeatRequest, 3)
    write = writer(HeartbeatResponse, 3)

`read` makes an instance of bytes, ProtocolError when they are malformed. `write` makes byte chunks of an
instance, ValueError when the version cannot express it. Both are compiled on first use and kept.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from kbroker.protocol.fields import ZERO_UUID, array_of, field, message, struct
from kbroker.protocol.reading import message_reader
from kbroker.protocol.wire import Buffer
from kbroker.protocol.writing import message_writer

__all__ = ["ZERO_UUID", "Buffer", "Reader", "array_of", "field", "message", "reader", "struct", "writer"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Reads a message from `position` to the end of the buffer. Raises ProtocolError."""

    def __call__(self, buffer: Buffer, position: int = 0) -> T_co:
        """Return the message; bytes after it are ignored."""
        ...


def reader(cls: type[T], version: int) -> Reader[T]:
    """Return the reader of one version of a message. ValueError if the schema has no such version."""
    untyped: type = cls
    return cast("Reader[T]", _reader(untyped, version))


def writer(cls: type[T], version: int) -> Callable[[T], list[Buffer]]:
    """Return the writer of one version of a message. ValueError if the schema has no such version."""
    untyped: type = cls
    return _writer(untyped, version)


@cache
def _reader(cls: type, version: int) -> Callable[..., Any]:
    return message_reader(cls, version)


@cache
def _writer(cls: type, version: int) -> Callable[[Any], list[Buffer]]:
    return message_writer(cls, version)
