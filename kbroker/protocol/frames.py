"""Request headers in, response frames out. Pure: bytes only.

A request header is api key, version, correlation id and a nullable client id; flexible versions add tagged
fields (KIP-482), though the client id keeps its int16 length in all of them. A response header is the
correlation id, with tagged fields for flexible versions of every API but ApiVersions, whose answer a client
of any age must read (KIP-511).
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

import attrs

from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.wire import Buffer, read_tags, read_uvarint

API_VERSIONS_KEY: Final = 18
_REQUEST: Final = Struct(">hhih")
_RESPONSE: Final = Struct(">ii")
_NO_TAGS: Final = b"\x00"
_JOIN_BELOW: Final = 1024


@attrs.define(weakref_slot=False)
class RequestHeader:
    """What stands before every request. `body` is where in the frame the request itself begins."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None
    body: int


def parse_request_header(frame: Buffer) -> RequestHeader:
    """Read the header of a frame without its size prefix; its API may be unknown. Raises ProtocolError."""
    end = len(frame)
    if end < _REQUEST.size:
        raise ProtocolError(f"request of {end} bytes is shorter than its header")
    key, version, correlation_id, length = _REQUEST.unpack_from(frame)
    position = _REQUEST.size
    client_id = None
    if length >= 0:
        position += length
        if position > end:
            raise ProtocolError(f"client id of {length} bytes in a request of {end} bytes")
        client_id = str(frame[position - length : position], "utf-8", "replace")
    api = APIS.get(key)
    if api is not None and api.flexible is not None and version >= api.flexible:
        position = _skip_tags(frame, position, end)
    return RequestHeader(key, version, correlation_id, client_id, position)


def _skip_tags(frame: Buffer, position: int, end: int) -> int:
    try:
        if frame[position] == 0:
            return position + 1
        count, position = read_uvarint(frame, position)
        return read_tags(frame, position, end, count, {}, {})
    except IndexError:
        raise ProtocolError("request ends inside its header") from None


def encode_response(api: Api, version: int, correlation_id: int, response: Any) -> list[Buffer]:
    """See `response_encoder`, for who encodes one response."""
    return response_encoder(api, version)(correlation_id, response)


def response_encoder(api: Api, version: int) -> Callable[[int, Any], list[Buffer]]:
    """Return what makes of (correlation id, response) the chunks of a frame: size prefix, header and body.

    It raises ValueError when the version cannot express the response, which is a mistake of the broker's own.
    """
    write = api.response_writer(version)
    tags = _NO_TAGS if api.is_flexible(version) and api.key != API_VERSIONS_KEY else b""
    header_size = 4 + len(tags)
    pack = _RESPONSE.pack

    def encode(correlation_id: int, response: Any) -> list[Buffer]:
        chunks = write(response)
        first = chunks[0]
        if len(chunks) == 1 and len(first) < _JOIN_BELOW:  # most are
            return [pack(header_size + len(first), correlation_id) + tags + first]
        start = pack(header_size + sum(map(len, chunks)), correlation_id) + tags
        if len(first) < _JOIN_BELOW:
            chunks[0] = start + first
        else:
            chunks.insert(0, start)
        return chunks

    return encode
