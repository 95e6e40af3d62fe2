"""A listener's certificate, and how it is renewed."""

import logging
import ssl
from pathlib import Path

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener, listeners_of
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.errors import StartupError
from kbroker.tls.listener import TlsListener

from .certificates import AUTHORITY, CLIENT, SERVER, Identity, identity

RENEWED = identity("broker", AUTHORITY)


class Files:
    """A broker's config whose key store is a file."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.path = directory / "server.pem"
        self.write(SERVER)
        self.config = BrokerConfig.of(
            {
                "listeners": "OUT://:1",
                "listener.security.protocol.map": "OUT:SSL",
                "ssl.keystore.type": "PEM",
                "listener.name.out.ssl.keystore.location": str(self.path),
            }
            | {name.replace("_", "."): value for name, value in settings.items()}
        )
        self.listener = TlsListener(listeners_of(self.config)[0], self.config)

    def write(self, who: Identity) -> None:
        new = self.path.with_suffix(".new")
        new.write_text(who.both)
        new.replace(self.path)


def test_a_new_file_is_used_from_the_next_look_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = Files(tmp_path)
    first = files.listener.context(100)
    files.write(RENEWED)
    assert files.listener.context(100.5) is first  # looked at a moment ago
    with caplog.at_level(logging.INFO):
        renewed = files.listener.context(101.5)
    assert renewed is not first
    assert "listener OUT has a new certificate" in caplog.text
    assert files.listener.context(103) is renewed


@pytest.mark.parametrize("change", ["broken", "gone", "another subject", "fewer names"])
def test_what_cannot_be_used_leaves_the_old_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    files = Files(tmp_path)
    first = files.listener.context(1)
    if change == "broken":
        files.path.write_text("half a file")
    elif change == "gone":
        files.path.unlink()
    else:
        files.write(CLIENT if change == "another subject" else identity("broker", AUTHORITY, dns=None))
    assert files.listener.context(3) is first
    assert files.listener.context(5) is first
    assert caplog.text.count("the certificate in use stays") == 1
    files.write(RENEWED)
    assert files.listener.context(7) is not first


@pytest.mark.parametrize("prefix", ["", "listener.name.out."])
def test_other_names_can_be_allowed(tmp_path: Path, prefix: str) -> None:
    files = Files(
        tmp_path, **{f"{prefix}ssl.allow.dn.changes": "true", f"{prefix}ssl.allow.san.changes": "true"}
    )
    first = files.listener.context(1)
    files.write(identity("elsewhere", AUTHORITY, dns="elsewhere"))
    assert files.listener.context(3) is not first


def test_a_changed_setting_is_used_at_once(tmp_path: Path) -> None:
    files = Files(tmp_path)
    first = files.listener.context(1)
    (tmp_path / "other.pem").write_text(RENEWED.both)
    setting = {"listener.name.out.ssl.keystore.location": str(tmp_path / "other.pem")}
    files.listener.check(files.config.with_dynamic("0", setting))
    assert files.listener.context(1) is first  # it was only asked
    files.config.set_dynamic("0", setting)
    assert files.listener.context(1) is not first


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (CLIENT, "Keystore DistinguishedName does not match: existing=CN=broker, new=CN=alice"),
        (identity("broker", AUTHORITY, dns=None), "Keystore SubjectAltNames do not match"),
        (None, "can't read"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, who: Identity | None, reason: str) -> None:
    files = Files(tmp_path)
    other = tmp_path / "other.pem"
    if who is not None:
        other.write_text(who.both)
    with pytest.raises(StartupError) as raised:
        files.listener.check(
            files.config.with_dynamic("0", {"listener.name.out.ssl.keystore.location": str(other)})
        )
    assert reason in str(raised.value)


def test_a_name_that_is_no_path_is_refused(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with pytest.raises(StartupError, match="can't read"):
        files.listener.check(
            files.config.with_dynamic("0", {"listener.name.out.ssl.keystore.location": "a\0b"})
        )


def test_a_trust_store_cannot_be_added_later(tmp_path: Path) -> None:
    files = Files(tmp_path)
    added = {
        "listener.name.out.ssl.truststore.type": "PEM",
        "listener.name.out.ssl.truststore.certificates": AUTHORITY.pem,
    }
    with pytest.raises(StartupError, match="Cannot add SSL truststore"):
        files.listener.check(files.config.with_dynamic("0", added))


def test_refusals_at_the_start_name_the_listener(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="listener OUT: there is no certificate"):
        Files(tmp_path, **{"listener.name.out.ssl.keystore.location": ""})
    with pytest.raises(StartupError, match=r"listener OUT: ssl.principal.mapping.rules: invalid rule"):
        Files(tmp_path, ssl_principal_mapping_rules="RULE:x")


def test_with_sasl_certificates_are_asked_for_only_if_this_listener_wants_them() -> None:
    sasl = Listener("OUT", "", 1, security_protocol=SecurityProtocol.SASL_SSL)
    keystore = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.key": SERVER.key_pem(),
        "ssl.keystore.certificate.chain": SERVER.pem,
        "ssl.client.auth": "required",
    }
    everywhere = TlsListener(sasl, BrokerConfig.of(keystore))
    assert everywhere.context(1).verify_mode is ssl.CERT_NONE
    here = TlsListener(sasl, BrokerConfig.of(keystore | {"listener.name.out.ssl.client.auth": "required"}))
    assert here.context(1).verify_mode is ssl.CERT_REQUIRED


def test_what_is_no_store_waits_for_a_restart(tmp_path: Path) -> None:
    files = Files(tmp_path)
    files.config.set_dynamic(
        "0",
        {"listener.name.out.ssl.client.auth": "required", "listener.name.out.ssl.allow.dn.changes": "true"},
    )
    first = files.listener.context(1)
    assert first.verify_mode is ssl.CERT_NONE
    files.write(CLIENT)
    assert files.listener.context(3) is first
