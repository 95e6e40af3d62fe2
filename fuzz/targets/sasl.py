"""What a client of a SASL listener sends before anybody knows who it is: handshakes and tokens of every mechanism."""

import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator

from fixtures import outcome
from fixtures.batches import NOW_MS
from fixtures.broker_thread import BrokerThread, Job, a_client, no_wait
from fixtures.source import Source

from kbroker.broker.broker import Broker
from kbroker.broker.sasl import SaslMechanisms
from kbroker.config.listeners import Listener
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.dispatch import Dispatcher
from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError
from kbroker.sasl_gate import SaslGate
from kbroker.state.authentication.scram_keys import credential_of, mac, salted_password
from kbroker.state.scram_credentials import BY_NAME

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI")
_LISTENER = Listener("SASL", "", 1, security_protocol=SecurityProtocol.SASL_PLAINTEXT)
_MOST_STEPS = 6
_PROOF = b"<proof>"  # stands for the right end of a SCRAM login


async def _with_a_user(broker: Broker, _: Dispatcher) -> None:
    scram = [BY_NAME[name] for name in MECHANISMS if name in BY_NAME]
    await broker.scram_users.add_missing(
        {("alice", one): credential_of(one, "wonder", b"salt") for one in scram}
    )


_broker = BrokerThread(_with_a_user)


def check(data: bytes) -> None:
    """Each step is answered or ends the connection; nobody gets in without a secret."""
    _broker.run(_conversation(Source(data)))


def _conversation(source: Source) -> Job:
    async def converse(broker: Broker, dispatcher: Dispatcher) -> None:
        client = a_client()
        client.principal = "User:ANONYMOUS"
        sasl = SaslMechanisms(broker, [_LISTENER])
        gate = SaslGate(
            dispatcher, sasl.authentication("SASL"), broker.config.for_listener("SASL"), broker.clock
        )
        secret = False
        last = b""
        mechanism = MECHANISMS[0]
        bare = False
        for _ in range(_MOST_STEPS):
            kind = source.byte()
            if kind < 64:
                mechanism = MECHANISMS[kind % len(MECHANISMS)]
                bare = kind >= 56
                name = mechanism.encode()
                frame = b"\0\x11\0" + bytes((not bare,)) + b"\0\0\0\7\xff\xff\0" + bytes((len(name),)) + name
            elif kind < 224:
                token = source.take(source.byte() | source.byte() << 8)
                if _PROOF in token:
                    token = token.replace(_PROOF, _proof(mechanism, last))
                secret = secret or b"wonder" in token or b"p=" in token or mechanism == "OAUTHBEARER"
                size = len(token).to_bytes(4, "big")
                frame = token if bare else b"\0\x24\0\1\0\0\0\7\xff\xff" + size + token
            else:
                frame = source.take(source.byte())
            try:
                answer = await gate.handle(memoryview(bytearray(frame)), client, no_wait)
            except (ProtocolError, RequestRefusedError) as error:
                outcome.note(mechanism, str(error)[:60])
                return
            client.principal.encode()  # it is shown, logged and stored
            last = b"".join(answer or [])
            assert secret or client.principal == "User:ANONYMOUS", f"{client.principal} without a secret"
            outcome.note(mechanism, kind // 64, min(len(last), 24), client.principal)
            if not len(source):
                return

    return converse


def _proof(mechanism: str, answer: bytes) -> bytes:
    """The final message of a client that knows the password, to a challenge in an answer."""
    at = answer.find(b"r=")
    scram = BY_NAME.get(mechanism)
    if at < 0 or scram is None:
        return b""
    challenge = answer[at:].split(b"\0")[0].decode("utf-8", "replace")
    parts = dict(part.split("=", 1) for part in challenge.split(",") if "=" in part)
    without = f"c=biws,r={parts.get('r', '')}"
    auth = f"n=alice,r=nonce,{challenge},{without}".encode()
    salted = salted_password(scram, "wonder", b64decode(parts.get("s", "") or "AAAA"), 4096)
    key = mac(scram, salted, b"Client Key")
    signature = mac(scram, hashlib.new(scram.hash_name, key).digest(), auth)
    return f"{without},p={b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True))).decode()}".encode()


def seeds() -> Iterator[bytes]:
    """Logins of each mechanism, in requests and bare, twice, with the wrong secret, and other requests between."""

    def token(text: bytes) -> bytes:
        return b"\x40" + len(text).to_bytes(2, "little") + text

    claims = json.dumps({"sub": "alice", "exp": NOW_MS // 1000 + 60}).encode()
    odd = json.dumps({"sub": "\ud800", "exp": NOW_MS // 1000 + 60}).encode()
    jwts = [b"eyJhbGciOiJub25lIn0." + urlsafe_b64encode(each).rstrip(b"=") + b"." for each in (claims, odd)]
    logins: list[tuple[int, tuple[bytes, ...]]] = [
        (0, (b"\0alice\0wonder",)),
        (0, (b"bob\0alice\0wonder",)),
        (0, (b"\0alice\0wrong", b"\0alice\0wonder")),
        *((number, (b"n,,n=alice,r=nonce", _PROOF)) for number in (1, 2)),
        (1, (b"n,a=alice,n=alice,r=nonce,tokenauth=true", _PROOF)),
        (1, (b"n,,n=alice,r=nonce", b"c=biws,r=x,p=AAAA")),
        *((3, (b"n,,\1auth=Bearer " + jwt + b"\1\1", b"\1")) for jwt in jwts),
        (3, (b"n,a=bob,\1auth=Bearer " + jwts[0] + b"\1\1", b"\1")),
        (3, (b"n,,\1auth=Bearer x.y.z\1\1", b"\1")),
    ]
    for mechanism, tokens in logins:
        for handshake in (
            mechanism,
            mechanism + (60 - 60 % 5) - (5 if mechanism + (60 - 60 % 5) > 63 else 0),
        ):
            whole = bytes((handshake,)) + b"".join(token(each) for each in tokens)
            yield whole
            yield whole + whole
    versions = b"\0\x12\0\0\0\0\0\7\xff\xff"
    yield b"\xff" + bytes((len(versions),)) + versions + b"\0" + token(b"\0alice\0wonder")
    metadata = b"\0\3\0\1\0\0\0\7\xff\xff\0\0\0\0"
    yield b"\0" + b"\xff" + bytes((len(metadata),)) + metadata
    yield b"\4"


close = _broker.close
