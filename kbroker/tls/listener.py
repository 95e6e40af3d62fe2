"""TLS of one listener: the context its connections are made with, renewed when its stores change (KIP-226).

A store changes when its settings do, or its file. All other settings stay as they were at the start, as in Apache
Kafka.

A new certificate must name whom the old one named, unless `ssl.allow.dn.changes` and `ssl.allow.san.changes` say
otherwise (KIP-978). What can't be used leaves the listener as it was.
"""

import logging
import ssl
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError
from kbroker.tls.certificate import Certificate, parse_certificate
from kbroker.tls.context import server_context
from kbroker.tls.distinguished_name import distinguished_name
from kbroker.tls.principal_mapping import map_name, parse_rules
from kbroker.tls.stores import read_keystore, read_truststore

log = logging.getLogger(__name__)

LOOK_AT_FILES_S = 1.0  # at most so often, and only when somebody connects
_FILES = ("ssl.keystore.location", "ssl.truststore.location")

Stamp = tuple[int, int, int]  # what changes when a file is written or replaced


@frozen
class _Loaded:
    context: ssl.SSLContext
    certificate: Certificate
    has_truststore: bool
    stamps: Mapping[str, Stamp | None]


class TlsListener:
    """What a listener with TLS needs to accept connections. Raises StartupError when its settings can't be used."""

    def __init__(self, listener: Listener, config: BrokerConfig) -> None:
        self._listener = listener
        self._config = config
        self._seen = config.generation
        self._looked_at_s = float("-inf")
        self._complaint = ""
        self._at_start = config.for_listener(listener.name)
        self._client_auth = _client_auth(listener, config)
        self._loaded = self._load(config)
        try:
            self._rules = parse_rules(self._at_start.str("ssl.principal.mapping.rules"))
        except ValueError as error:
            raise StartupError(f"listener {listener.name}: ssl.principal.mapping.rules: {error}") from None

    def context(self, now_s: float) -> ssl.SSLContext:
        """For a connection that is accepted now. `now_s` is a monotonic time."""
        settings_changed = self._seen != self._config.generation
        if settings_changed or now_s - self._looked_at_s > LOOK_AT_FILES_S:
            self._looked_at_s = now_s
            self._seen = self._config.generation
            if settings_changed or _stamps(self._stores(self._config)) != self._loaded.stamps:
                self._renew()
        return self._loaded.context

    def check(self, config: BrokerConfig) -> None:
        """Raise StartupError if the listener could not go on with these settings."""
        try:
            self._ensure_compatible(self._load(config))
        except StartupError as error:
            raise StartupError(f"Validation of dynamic config update of SSLFactory failed: {error}") from None

    def principal(self, certificate: bytes | None) -> str | None:
        """Who a client is by its certificate in DER; None without one. Raises NoMatchingRuleError, ValueError."""
        if certificate is None:
            return None
        name = distinguished_name(parse_certificate(certificate).subject)
        return f"User:{map_name(self._rules, name)}"

    def _stores(self, config: BrokerConfig) -> TypedValues:
        return config.for_listener(self._listener.name)

    def _load(self, config: BrokerConfig) -> _Loaded:
        stores = self._stores(config)
        stamps = _stamps(stores)
        try:
            keystore, trusted = read_keystore(stores), read_truststore(stores)
            context = server_context(self._at_start, keystore, trusted, self._client_auth)
        except StartupError as error:
            raise StartupError(f"listener {self._listener.name}: {error}") from None
        assert keystore is not None  # noqa: S101 - there is no context without
        return _Loaded(context, keystore.certificate, trusted is not None, stamps)

    def _renew(self) -> None:
        try:
            renewed = self._load(self._config)
            self._ensure_compatible(renewed)
        except StartupError as error:
            if str(error) != self._complaint:
                self._complaint = str(error)
                log.warning("the certificate in use stays: %s", error)
            return
        self._complaint = ""
        if renewed.certificate != self._loaded.certificate:
            log.info("listener %s has a new certificate", self._listener.name)
        self._loaded = renewed

    def _ensure_compatible(self, new: _Loaded) -> None:
        name, old = self._listener.name, self._loaded
        if new.has_truststore and not old.has_truststore:
            raise StartupError(
                f"listener {name}: Cannot add SSL truststore to an existing listener for which no truststore was "
                "configured."
            )
        if (
            not self._at_start.bool("ssl.allow.dn.changes")
            and new.certificate.subject != old.certificate.subject
        ):
            raise StartupError(
                f"listener {name}: Keystore DistinguishedName does not match: "
                f"existing={distinguished_name(old.certificate.subject)}, "
                f"new={distinguished_name(new.certificate.subject)}"
            )
        missing = old.certificate.alternative_names - new.certificate.alternative_names
        if not self._at_start.bool("ssl.allow.san.changes") and missing:
            raise StartupError(
                f"listener {name}: Keystore SubjectAltNames do not match: {len(missing)} of the existing are missing"
            )


def _client_auth(listener: Listener, config: BrokerConfig) -> str:
    """With SASL, certificates are asked for only if it is this listener that wants them (KIP-684)."""
    own = f"listener.name.{listener.name.lower()}.ssl.client.auth"
    if listener.security_protocol.uses_sasl and not config.is_set(own):
        return "none"
    return config.for_listener(listener.name).str("ssl.client.auth")


def _stamps(settings: TypedValues) -> dict[str, Stamp | None]:
    stamps: dict[str, Stamp | None] = {}
    for name in _FILES:
        if location := settings.optional_str(name):
            try:
                status = Path(location).stat()
            except (OSError, ValueError):  # ValueError: a NUL in its name
                stamps[location] = None
            else:
                stamps[location] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return stamps
