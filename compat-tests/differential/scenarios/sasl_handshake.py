"""SaslHandshake: mechanisms there are and are not, and what comes at the wrong time."""

import struct

from differential.conversation import Conversation
from differential.sasl import plain_token
from differential.scenario import scenario
from kbroker.protocol.api_versions import ApiVersionsRequest
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest

VERSIONS = range(2)


def names(answer: object) -> None:
    """Leave out what a broker serves: that is another test's."""
    answer.api_keys = []  # type: ignore[attr-defined]
    answer.supported_features = []  # type: ignore[attr-defined]
    answer.finalized_features = []  # type: ignore[attr-defined]


@scenario(VERSIONS, sasl=True)
def mechanisms(run: Conversation) -> None:
    for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"):
        run.client().ask(mechanism, SaslHandshakeRequest, mechanism=mechanism)
    for label in ("GSSAPI", "plain", "PLAIN ", "EXTERNAL", ""):
        client = run.client()
        client.ask(f"mechanism {label!r}", SaslHandshakeRequest, mechanism=label)
        client.ask(f"after mechanism {label!r}", SaslHandshakeRequest, mechanism="PLAIN")


@scenario(VERSIONS, sasl=True)
def at_the_wrong_time(run: Conversation) -> None:
    client = run.client()
    client.ask("a handshake", SaslHandshakeRequest, mechanism="PLAIN")
    client.ask("a second one", SaslHandshakeRequest, mechanism="PLAIN")
    client = run.client()
    client.ask("a handshake before", SaslHandshakeRequest, mechanism="PLAIN")
    if run.version:
        client.ask("the token", SaslAuthenticateRequest, version=2, auth_bytes=plain_token("alice"))
    else:
        client.ask_bare("the bare token", plain_token("alice"))
    client.ask("when authenticated", SaslHandshakeRequest, mechanism="PLAIN")
    client.ask("still there", ApiVersionsRequest, version=0, only=names)


@scenario(VERSIONS, sasl=True)
def other_requests(run: Conversation) -> None:
    run.client().ask("metadata first", MetadataRequest, version=1, topics=[])
    run.client().ask("a token first", SaslAuthenticateRequest, version=1, auth_bytes=plain_token("alice"))
    client = run.client()
    client.ask("versions", ApiVersionsRequest, version=0, only=names)
    client.ask("versions twice", ApiVersionsRequest, version=0, only=names)
    client = run.client()
    client.ask("versions of a client without a name", ApiVersionsRequest, version=3, only=names)
    client.ask("versions after that", ApiVersionsRequest, version=0, only=names)
    client.ask("a handshake after that", SaslHandshakeRequest, mechanism="PLAIN")
    client = run.client()
    client.ask("versions before a handshake", ApiVersionsRequest, version=0, only=names)
    client.ask("metadata before a handshake", MetadataRequest, version=1, topics=[])
    for number, request in enumerate((ApiVersionsRequest, SaslHandshakeRequest)):
        client = run.client()
        client.ask(f"handshake {number}", SaslHandshakeRequest, version=1, mechanism="PLAIN")
        client.ask(f"{request.__name__} for a token", request, version=0, only=names if not number else None)


@scenario(VERSIONS, sasl=True)
def malformed(run: Conversation) -> None:
    ask = run.first.ask_frame
    header = struct.pack(">hhih", 17, run.version, 7, -1)
    ask("no body", frame(header))
    ask("a name longer than the frame", frame(header + b"\0\7PLAIN"))
    ask("a null name", frame(header + b"\xff\xff"))
    ask("bytes after the name", frame(header + b"\0\5PLAINmore"))
    ask("a frame of 524,288 bytes", frame(header + b"\0\5PLAIN" + bytes(524_288 - 17)))
    ask("a frame of 524,289 bytes", struct.pack(">i", 524_289))
    ask("an empty frame", frame(b""))
    ask("a key that is none", frame(struct.pack(">hhih", 999, 0, 7, -1)))
    ask("a version that is none", frame(struct.pack(">hhih", 17, 2, 7, -1) + b"\0\5PLAIN"))
    ask("Kerberos's greeting", frame(b"\x60\x82\x02\x00" + bytes(60)))
    ask("an HTTP request", b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n")


@scenario(VERSIONS)
def where_nobody_asks(run: Conversation) -> None:
    run.ask("a known mechanism", SaslHandshakeRequest, mechanism="PLAIN")
    run.ask("an unknown one", SaslHandshakeRequest, mechanism="X")


def frame(data: bytes) -> bytes:
    """A frame with its size."""
    return struct.pack(">i", len(data)) + data
