"""SaslAuthenticate: every mechanism's exchange, failures, and sessions that end."""

import struct
import time
from typing import Any

from differential.conversation import Client, Conversation
from differential.sasl import FAR_FUTURE, Scram, bearer_token, log_in, plain_token
from differential.scenario import scenario
from differential.settings import PASSWORDS, SESSION_MS
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest

VERSIONS = range(3)
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")


def shown(answer: Any) -> None:
    """Keep the error's text, which clients show, and give lifetimes that depend on the hour one name."""
    if answer.error_message:
        answer.auth_bytes = b"told: " + answer.error_message.encode()
    answer.session_lifetime_ms = min(answer.session_lifetime_ms, 10**9)


def choose(run: Conversation, mechanism: str) -> Client:
    client = run.client()
    client.quietly(SaslHandshakeRequest, 1, mechanism=mechanism)
    return client


def tell(client: Client, label: str, token: bytes) -> Any:
    return client.ask(label, SaslAuthenticateRequest, auth_bytes=token, only=shown)


def one_token(run: Conversation, mechanism: str, label: str, token: bytes) -> Client:
    client = choose(run, mechanism)
    tell(client, label, token)
    return client


@scenario(VERSIONS, sasl=True)
def plain(run: Conversation) -> None:
    client = one_token(run, "PLAIN", "the password", plain_token("alice"))
    tell(client, "a token when authenticated", plain_token("alice"))
    client.ask("a request", MetadataRequest, version=1, topics=[], only=forget_brokers)
    for label, token in {
        "an authorization id": plain_token("alice", authorization_id="alice"),
        "another authorization id": plain_token("alice", authorization_id="bob"),
        "another authorization id and a wrong password": plain_token("alice", "x", "bob"),
        "a wrong password": plain_token("alice", "wrong"),
        "a password with more": plain_token("alice", "wonder "),
        "a password and a fourth part": plain_token("alice", "wonder\0more"),
        "an unknown user": plain_token("mallory", "wonder"),
        "no user": plain_token("", "wonder"),
        "no password": plain_token("alice", ""),
        "nothing": b"",
        "one part": b"alice",
        "two parts": b"\0alice",
        "not UTF-8": b"\0\xff\xfe\0\xff",
    }.items():
        one_token(run, "PLAIN", label, token)


@scenario(VERSIONS, sasl=True)
def scram(run: Conversation) -> None:
    for mechanism in SCRAM:
        for label, name, password in (
            ("the password", "alice", PASSWORDS["alice"]),
            ("a wrong password", "alice", "wrong"),
        ):
            exchange = Scram(mechanism, name, password)
            client = choose(run, mechanism)
            challenge = tell(client, f"{mechanism}, {label}: first", exchange.first())
            tell(client, f"{mechanism}, {label}: final", exchange.final(bytes(challenge.auth_bytes)))
    for label, token in {
        "an unknown user": b"n,,n=mallory,r=abc",
        "an authorization id": b"n,a=alice,n=alice,r=abc",
        "another authorization id": b"n,a=bob,n=alice,r=abc",
        "an extension": b"n,,n=alice,r=abc,more=x",
        "a mandatory extension": b"n,,m=x,n=alice,r=abc",
        "a user's name as a token's": b"n,,n=alice,r=abc,tokenauth=true",
        "no token after all": b"n,,n=alice,r=abc,tokenauth=false",
        "channel binding could be": b"y,,n=alice,r=abc",
        "channel binding": b"p=tls-unique,,n=alice,r=abc",
        "no nonce": b"n,,n=alice,r=",
        "no name": b"n,,n=,r=abc",
        "a name that is wrongly escaped": b"n,,n=a=lice,r=abc",
        "a name that is not ASCII": "n,,n=älice,r=abc".encode(),
        "nothing": b"",
        "a token of PLAIN": plain_token("alice"),
    }.items():
        one_token(run, "SCRAM-SHA-256", label, token)
    for label, final in {
        "another nonce": b"c=biws,r=other,p=AAAA",
        "no proof": b"c=biws,r=abc",
        "nothing": b"",
    }.items():
        client = one_token(run, "SCRAM-SHA-256", f"before {label}", Scram(SCRAM[0], "alice", "x").first())
        tell(client, f"finally, {label}", final)


@scenario(VERSIONS, sasl=True)
def oauthbearer(run: Conversation) -> None:
    right = {"sub": "carol", "exp": FAR_FUTURE, "iat": 1_700_000_000, "scope": ["kafka", "other"]}
    for label, changed in {
        "a token": {},
        "a token without a time of issue": {"iat": None},
        "a token with a fraction": {"exp": FAR_FUTURE + 0.5},
        "one scope": {"scope": "kafka"},
    }.items():
        one_token(run, "OAUTHBEARER", label, bearer_token(without_nulls(right | changed)))
    for label, changed in {
        "too little scope": {"scope": ["other"]},
        "no scope": {"scope": None},
        "expired": {"exp": 1_700_000_001},
        "expired before it was issued": {"iat": FAR_FUTURE},
        "no end": {"exp": None},
        "an end that is no number": {"exp": "soon"},
        "no subject": {"sub": None},
        "an empty subject": {"sub": ""},
        "issued in the future": {"iat": FAR_FUTURE - 1},
    }.items():
        client = one_token(run, "OAUTHBEARER", label, bearer_token(without_nulls(right | changed)))
        tell(client, f"{label}: seen", b"\x01")
    token = bearer_token(right)
    for label, data in {
        "signed": bearer_token(right, {"alg": "HS256"}, "c2ln"),
        "a signature for nothing": bearer_token(right, signature="c2ln"),
        "an extension": token[:-1] + b"trace=x\x01\x01",
        "an extension with a wrong name": token[:-1] + b"trace1=x\x01\x01",
        "an authorization id": token.replace(b"n,,", b"n,a=carol,"),
        "another authorization id": token.replace(b"n,,", b"n,a=bob,"),
        "another scheme": token.replace(b"Bearer", b"Basic"),
        "the scheme in small letters": token.replace(b"Bearer", b"bearer"),
        "no token": b"n,,\x01\x01",
        "a token that is none": b"n,,\x01auth=Bearer abc\x01\x01",
        "cut off": token[:-1],
        "an error seen that was none": b"\x01",
        "nothing": b"",
    }.items():
        client = one_token(run, "OAUTHBEARER", label, data)
        tell(client, f"{label}: seen", b"\x01")


@scenario(VERSIONS, sasl=True)
def again(run: Conversation) -> None:
    client = choose(run, "SCRAM-SHA-512")
    authenticate(client, "alice")
    client.quietly(MetadataRequest, 1, topics=[])
    client.ask("a handshake", SaslHandshakeRequest, version=1, mechanism="SCRAM-SHA-512")
    authenticate(client, "alice", "again")
    client.ask("a request", MetadataRequest, version=1, topics=[], only=forget_brokers)
    client.ask("a handshake too soon", SaslHandshakeRequest, version=1, mechanism="SCRAM-SHA-512")
    time.sleep(SESSION_MS / 1000 + 0.2)
    client.ask("a handshake when it is over", SaslHandshakeRequest, version=1, mechanism="SCRAM-SHA-512")
    authenticate(client, "alice", "once more")
    time.sleep(SESSION_MS / 1000 + 0.2)
    client.ask("a request when it is over", MetadataRequest, version=1, topics=[], only=forget_brokers)
    client = choose(run, "SCRAM-SHA-512")
    authenticate(client, "alice", "a second time")
    client.ask("a handshake of another mechanism", SaslHandshakeRequest, version=1, mechanism="PLAIN")
    tell(client, "a token of another mechanism", plain_token("alice"))
    client = choose(run, "SCRAM-SHA-512")
    authenticate(client, "alice", "a third time")
    client.quietly(SaslHandshakeRequest, 1, mechanism="SCRAM-SHA-512")
    authenticate(client, "bob", "another user")
    client = choose(run, "SCRAM-SHA-512")
    authenticate(client, "alice", "a fourth time")
    client.quietly(SaslHandshakeRequest, 1, mechanism="SCRAM-SHA-512")
    authenticate(client, "alice", "a wrong password", "wrong")
    client = choose(run, "SCRAM-SHA-512")
    authenticate(client, "alice", "a fifth time")
    client.quietly(SaslHandshakeRequest, 1, mechanism="SCRAM-SHA-512")
    client.ask("a request instead of a token", MetadataRequest, version=1, topics=[])
    client = choose(run, "SCRAM-SHA-512")
    authenticate(client, "alice", "a sixth time")
    client.ask("an unknown mechanism", SaslHandshakeRequest, version=1, mechanism="X")


@scenario([0], sasl=True)
def bare_tokens(run: Conversation) -> None:
    def chosen(mechanism: str) -> Client:
        client = run.client()
        client.quietly(SaslHandshakeRequest, 0, mechanism=mechanism)
        return client

    for label, token in {
        "right": plain_token("alice"),
        "wrong": plain_token("alice", "x"),
        "none": b"",
    }.items():
        client = chosen("PLAIN")
        client.ask_bare(f"PLAIN, {label}", token)
        client.ask(f"PLAIN, {label}: then", MetadataRequest, version=1, topics=[], only=forget_brokers)
    for label, password in {"right": PASSWORDS["alice"], "wrong": "x"}.items():
        exchange = Scram("SCRAM-SHA-256", "alice", password)
        client = chosen("SCRAM-SHA-256")
        challenge = client.ask_bare(f"SCRAM, {label}: first", exchange.first())
        client.ask_bare(f"SCRAM, {label}: final", exchange.final(challenge))
    right = {"sub": "carol", "exp": FAR_FUTURE, "scope": "kafka"}
    chosen("OAUTHBEARER").ask_bare("OAUTHBEARER, right", bearer_token(right))
    client = chosen("OAUTHBEARER")
    client.ask_bare("OAUTHBEARER, wrong", bearer_token({**right, "exp": 1}))
    client.ask_bare("OAUTHBEARER, seen", b"\x01")


@scenario(VERSIONS)
def where_nobody_asks(run: Conversation) -> None:
    tell(run.first, "a token", plain_token("alice"))


@scenario([3], sasl=True)
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("before a handshake", 36, run.version, bytes(20), flexible=True)
    client = choose(run, "PLAIN")
    client.ask_raw("after a handshake", 36, run.version, bytes(20), flexible=True)
    client = log_in(run.client())
    client.ask_raw("when authenticated", 36, run.version, bytes(20), flexible=True)
    header = struct.pack(">hhih", 36, 1, 7, -1)
    run.first.ask_frame("no body", struct.pack(">i", len(header)) + header)


def authenticate(client: Client, name: str, label: str = "", password: str | None = None) -> None:
    """SCRAM-SHA-512's exchange, recorded if it has a label."""
    exchange = Scram("SCRAM-SHA-512", name, PASSWORDS[name] if password is None else password)
    if label:
        challenge = tell(client, f"{label}: first", exchange.first())
        tell(client, f"{label}: final", exchange.final(bytes(challenge.auth_bytes)))
        return
    challenge = client.quietly(SaslAuthenticateRequest, 2, auth_bytes=exchange.first())
    client.quietly(SaslAuthenticateRequest, 2, auth_bytes=exchange.final(bytes(challenge.auth_bytes)))


def forget_brokers(answer: Any) -> None:
    answer.brokers = []


def without_nulls(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}
