"""A broker with a listener for each way of TLS, and what must and must not work on each, for a program of any client.

A program is started with a file of cases, a JSON array, and prints PASS or FAIL for each. In a case that `works` it
produces COUNT records to partition 0 of the topic and consumes them again; in any other it must not get that far.
"""

import hashlib
import json
import re
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.brokers import Broker
from harness.paths import REPOSITORY
from harness.report import Report
from harness.session import Program, Session

from security.certificates import PASSWORD, Identity

KEYSTORES = REPOSITORY / "tests" / "data" / "keystores"  # made by keytool
# The broker of this repository says why it closed a connection; Apache Kafka's log is its own affair.
LOGGED = {
    "no certificate": r"TLS handshake failed: peer did not return a certificate",
    "a certificate nobody signed": r"TLS handshake failed: certificate verify failed",
    "plaintext to a TLS listener": r"the client does not speak TLS",
    "TLS to a plaintext listener": r"the client speaks TLS, and this listener does not",
}


@dataclass
class Case:
    """One client against one listener. Files are PEM; `truststore` is `ca` as a store that Java knows, if it is one."""

    name: str
    bootstrap: str
    topic: str
    works: bool
    protocol: str = "SSL"
    ca: str = ""
    truststore: str = ""
    truststore_type: str = "PEM"
    truststore_password: str = ""
    certificate: str = ""
    key: str = ""
    keystore: str = ""
    keystore_type: str = "PKCS12"
    keystore_password: str = PASSWORD
    version: str = ""
    mechanism: str = ""
    username: str = ""
    password: str = ""
    token: str = ""  # of OAUTHBEARER
    seconds: int = 0  # how long it goes on producing, one record after the other


class Certificates:
    """Everybody who has one."""

    def __init__(self, directory: Path) -> None:
        self.authority = Identity(directory, "Example CA", authority=True)
        self.other_authority = Identity(directory, "Other CA", authority=True)
        self.server = Identity(directory, "broker", self.authority)
        self.expired = Identity(directory, "expired", self.authority, days=-1)
        self.elsewhere = Identity(directory, "elsewhere", self.authority, host="elsewhere.example")
        self.client = Identity(directory, "alice", self.authority)
        self.stranger = Identity(directory, "mallory", self.other_authority)


LISTENERS = ("TLS", "PKCS", "JKS", "MUTUAL", "REQUESTED", "EXPIRED", "ELSEWHERE")


@contextmanager
def tls_broker(session: Session, who: Certificates) -> Iterator[Broker]:
    """A broker with all these listeners."""
    pem = {
        "TLS": who.server.pem_file(),
        "MUTUAL": who.server.pem_file(),
        "REQUESTED": who.server.pem_file(),
        "EXPIRED": who.expired.pem_file(),
        "ELSEWHERE": who.elsewhere.pem_file(),
    }
    settings = {
        **{f"{prefix(name)}ssl.keystore.type": "PEM" for name in pem},
        **{f"{prefix(name)}ssl.keystore.location": str(path) for name, path in pem.items()},
        f"{prefix('PKCS')}ssl.keystore.type": "PKCS12",
        f"{prefix('PKCS')}ssl.keystore.location": str(who.server.pkcs12_file()),
        f"{prefix('PKCS')}ssl.keystore.password": PASSWORD,
        f"{prefix('JKS')}ssl.keystore.location": str(KEYSTORES / "server.jks"),
        f"{prefix('JKS')}ssl.keystore.password": "store-secret",
        f"{prefix('JKS')}ssl.key.password": "key-secret",
        f"{prefix('MUTUAL')}ssl.client.auth": "required",
        f"{prefix('REQUESTED')}ssl.client.auth": "requested",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(who.authority.certificate_file()),
    }
    broker = session.broker(settings)
    for name in LISTENERS:
        broker.add_listener(name, "SSL")
    with broker:
        yield broker


def prefix(listener: str) -> str:
    """What the settings of a listener begin with."""
    return f"listener.name.{listener.lower()}."


def tls_cases(broker: Broker, who: Certificates, topic: str) -> list[Case]:
    """What must work and what must not."""
    ca, other_ca = str(who.authority.certificate_file()), str(who.other_authority.certificate_file())

    def case(name: str, listener: str, *, works: bool, **fields: str) -> Case:
        trusted = {"ca": ca, "truststore": fields.get("ca", ca)}
        return Case(name, broker.listener(listener), topic, works, **{**trusted, **fields})

    def by(identity: Identity) -> dict[str, str]:
        return {
            "certificate": str(identity.certificate_file()),
            "key": str(identity.key_file()),
            "keystore": str(identity.pkcs12_file()),
        }

    keytool = {"ca": str(KEYSTORES / "server.pem"), "truststore_password": "store-secret"}
    jks = {**keytool, "truststore": str(KEYSTORES / "trust.jks"), "truststore_type": "JKS"}
    pkcs12 = {**keytool, "truststore": str(KEYSTORES / "trust.p12"), "truststore_type": "PKCS12"}
    return [
        case("TLS, the broker's key in PEM", "TLS", works=True),
        case("TLS 1.2", "TLS", works=True, version="TLSv1.2"),
        case("TLS 1.3", "TLS", works=True, version="TLSv1.3"),
        case("TLS, the broker's key in PKCS12", "PKCS", works=True),
        case("TLS, the broker's key in JKS, trust in JKS", "JKS", works=True, **jks),
        case("TLS, the broker's key in JKS, trust in PKCS12", "JKS", works=True, **pkcs12),
        case("mutual TLS", "MUTUAL", works=True, **by(who.client)),
        case("mutual TLS 1.2", "MUTUAL", works=True, version="TLSv1.2", **by(who.client)),
        case("a certificate where one is requested", "REQUESTED", works=True, **by(who.client)),
        case("no certificate where one is requested", "REQUESTED", works=True),
        case("no certificate", "MUTUAL", works=False),
        case("a certificate nobody signed", "MUTUAL", works=False, **by(who.stranger)),
        case("another authority", "TLS", works=False, ca=other_ca),
        case("an expired certificate", "EXPIRED", works=False),
        case("another host's certificate", "ELSEWHERE", works=False),
        case("plaintext to a TLS listener", "TLS", works=False, protocol="PLAINTEXT"),
        case("TLS to a plaintext listener", "PLAINTEXT", works=False),
        case("plaintext beside TLS", "PLAINTEXT", works=True, protocol="PLAINTEXT"),
    ]


def run_tls(session: Session, report: Report, command: Sequence[str | Path]) -> None:
    """Run a program on every case, and look at what the broker logged."""
    who = Certificates(session.work)
    with tls_broker(session, who) as broker:
        run_cases(session, report, command, tls_cases(broker, who, "tls"))
        if broker.name == "kbroker" and not session.quick:
            for name, line in LOGGED.items():
                found = re.search(line, broker.log_text())
                report.add(f"{name}: the log says why", found is not None, f"nothing like {line}")
        with report.check("no secret is logged"):
            assert "store-secret" not in broker.log_text()
            assert "key-secret" not in broker.log_text()
        if broker.name == "kbroker":
            renewal(report, broker, who, session.work)


def run_cases(session: Session, report: Report, command: Sequence[str | Path], cases: Sequence[Case]) -> None:
    """Run a program on cases; the short run leaves out what is refused, for clients take long to give up."""
    if session.quick:
        cases = [case for case in cases if case.works and not case.seconds]
    path = session.work / "cases.json"
    path.write_text(json.dumps([asdict(case) for case in cases]))
    Program([*command, path], timeout=300).run(report)


def renewal(report: Report, broker: Broker, who: Certificates, directory: Path) -> None:
    """A certificate that is replaced in its file is what new connections see, and old ones go on."""
    with report.check("a certificate replaced in its file"):
        host, port = broker.listener("TLS").split(":")
        before = fingerprint(host, int(port))
        context = ssl.create_default_context(cafile=str(who.authority.certificate_file()))
        import socket

        with context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host) as old:
            Identity(directory, "broker", who.authority).pem_file()
            deadline = time.monotonic() + 10
            while fingerprint(host, int(port)) == before:
                assert time.monotonic() < deadline, "the old certificate is still served"
                time.sleep(0.2)
            old.sendall(bytes.fromhex("0000000a001200000000000affff"))
            assert len(old.recv(10)) == 10, "the old connection went"


def fingerprint(host: str, port: int) -> str:
    """Of the certificate that is served now."""
    return hashlib.sha256(ssl.get_server_certificate((host, port)).encode()).hexdigest()
