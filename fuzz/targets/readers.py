"""The compiled reader of every message and version: what it accepts can be written, and read again the same."""

from collections.abc import Iterator
from functools import cache

from fixtures import outcome
from fixtures.frames import every_version
from fixtures.messages import Known, request_of
from fixtures.source import Source

from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.schema import reader, writer


@cache
def _messages() -> list[tuple[type, int]]:
    return [(message, version) for api, version in every_version() for message in (api.request, api.response)]


def check(data: bytes) -> None:
    """Bytes are a message or a ProtocolError, and nothing is lost by reading."""
    message, version = _messages()[int.from_bytes(data[:2], "big") % len(_messages())]
    read = reader(message, version)
    body = memoryview(bytearray(data[2:]))
    try:
        value = read(body)
    except ProtocolError as error:
        outcome.note(message.__name__, "refused", str(error).rpartition(": ")[2].split()[0])
        return
    outcome.note(message.__name__, version)
    written = b"".join(writer(message, version)(value))
    again = b"".join(writer(message, version)(read(memoryview(written))))
    assert written == again, "written and read again it is another message"


def seeds() -> Iterator[bytes]:
    """Each message with its defaults, and with something in it."""
    for index, (message, version) in enumerate(_messages()):
        for content in (b"", bytes(range(0, 200, 3)) * 4):
            value = request_of(Source(content), message, version, Known())
            try:
                yield index.to_bytes(2, "big") + b"".join(writer(message, version)(value))
            except ValueError:
                continue
