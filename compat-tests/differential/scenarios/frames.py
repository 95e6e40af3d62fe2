"""Frames, headers and bodies that are malformed, and keys that no client may ask for."""

import struct

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.handlers import served_apis

API_VERSIONS, METADATA = 18, 3
LARGEST = 104_857_600  # socket.request.max.bytes


def frame(key: int, version: int, rest: bytes, size: int | None = None) -> bytes:
    """A request with correlation id 7; `rest` is the client id and what follows it."""
    header = struct.pack(">hhi", key, version, 7)
    return struct.pack(">i", len(header + rest) if size is None else size) + header + rest


@scenario(range(19))
def bodies(run: Conversation) -> None:
    """Every API in every version it has."""
    for api in served_apis().values():
        if api.serves(run.version):
            flexible = api.is_flexible(run.version)
            run.first.ask_raw(f"{api.name}, no body", api.key, run.version, b"", flexible=flexible)
            run.first.ask_raw(
                f"{api.name}, a body of 0xff", api.key, run.version, b"\xff" * 40, flexible=flexible
            )


@scenario([0])
def framing(run: Conversation) -> None:
    nobody, named = b"\xff\xff", b"\0\4test"
    ask = run.first.ask_frame
    ask("a client without an id", frame(API_VERSIONS, 0, nobody))
    ask("an empty client id", frame(API_VERSIONS, 0, b"\0\0"))
    ask("a client id longer than the frame", frame(API_VERSIONS, 0, b"\0\7test"))
    ask("a client id of length -2", frame(API_VERSIONS, 0, b"\xff\xfe"))
    ask("a client id that is not UTF-8", frame(API_VERSIONS, 0, b"\0\2\xff\xfe"))
    ask("no client id", frame(API_VERSIONS, 0, b""))
    ask("bytes after the body", frame(API_VERSIONS, 0, named + b"more"))
    ask("an unknown tag in the header", frame(METADATA, 9, named + b"\1\x63\2hi" + b"\1\0\0\0\0"))
    ask("an unknown tag in the body", frame(METADATA, 9, named + b"\0" + b"\1\0\0\0\1\x63\2hi"))
    ask("a tag longer than the frame", frame(METADATA, 9, named + b"\0" + b"\1\0\0\0\1\x63\x7fhi"))
    ask("a frame of size 0", struct.pack(">i", 0))
    ask("a frame of size 4", struct.pack(">i", 4) + b"\0\x12\0\0")
    ask("a frame of size -1", struct.pack(">i", -1) + b"\0\x12\0\0")
    ask("a frame that is too large", struct.pack(">i", LARGEST + 1))
    ask("two requests in one frame", frame(API_VERSIONS, 0, nobody + frame(API_VERSIONS, 0, nobody)))
    ask("an HTTP request", b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n")
    ask("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32))


@scenario([0])
def keys(run: Conversation) -> None:
    for key in (-1, 4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 71, 72, 73, 82, 93, 1000, 32767):
        run.first.ask_frame(f"key {key}", frame(key, 0, b"\0\4test"))
