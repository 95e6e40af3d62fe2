"""An ssl.SSLContext from `ssl.…` settings, for a listener or for a client."""

import logging
import os
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError
from kbroker.tls.cipher_suites import TLS_1_3, openssl_name
from kbroker.tls.stores import KeyStore

log = logging.getLogger(__name__)

_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
_BROKEN_VERSIONS = ("TLSv1", "TLSv1.1")  # Java knows their names and uses them as little as OpenSSL does
# Whatever ssl.enabled.protocols leaves of it; Java wants one of these names.
_PROTOCOLS = ("TLS", "SSL", "SSLv2", "SSLv3", *_BROKEN_VERSIONS, *_VERSIONS)
# What Java serves but OpenSSL, at its usual level of security, doesn't: signed with SHA-1, or short keys.
_TOO_WEAK = ("CA_MD_TOO_WEAK", "EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL")
_ALLOWED = {
    0: "SHA-1 and short keys in handshakes",
    1: "keys of 1024 bits in the other side's certificate, too",
}
_WEAK_ADVICE = (
    "; with it OpenSSL would take any weak certificate of the other side: have one made of an RSA key of 2048 bits or "
    "an elliptic curve, signed with SHA-256"
)
_OR_ASK_NOBODY = ", or set ssl.client.auth=none"
_CLIENT_AUTH = {"none": ssl.CERT_NONE, "requested": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


def server_context(
    settings: TypedValues, keystore: KeyStore | None, trusted: Sequence[bytes] | None, client_auth: str
) -> ssl.SSLContext:
    """What a listener's connections are made with. Raises StartupError."""
    if keystore is None:
        raise StartupError("there is no certificate: set ssl.keystore.location, or ssl.keystore.key for PEM")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.options |= ssl.OP_NO_RENEGOTIATION  # Apache Kafka refuses it, too
    _apply(context, settings)
    context.verify_mode = _CLIENT_AUTH[client_auth]
    _load_key(context, keystore)
    if context.verify_mode is not ssl.CERT_NONE:
        _trust(context, trusted, ssl.Purpose.CLIENT_AUTH)
    return context


def client_context(
    settings: TypedValues, keystore: KeyStore | None, trusted: Sequence[bytes] | None
) -> ssl.SSLContext:
    """What a client connects with; host names are checked unless `ssl.endpoint.identification.algorithm` is empty.

    Raises StartupError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = settings.str("ssl.endpoint.identification.algorithm").lower() == "https"
    _apply(context, settings)
    if keystore is not None:
        _load_key(context, keystore)
    _trust(context, trusted, ssl.Purpose.SERVER_AUTH)
    return context


def _apply(context: ssl.SSLContext, settings: TypedValues) -> None:
    """Protocol versions and cipher suites."""
    protocol = settings.str("ssl.protocol")
    if protocol not in _PROTOCOLS:
        raise StartupError(f"ssl.protocol is {protocol}, but must be one of {', '.join(_PROTOCOLS)}")
    names = settings.list("ssl.enabled.protocols")
    enabled = {_VERSIONS[name] for name in names if name in _VERSIONS}
    unknown = [name for name in names if name not in {*_VERSIONS, *_BROKEN_VERSIONS}]
    if unknown or not enabled:
        raise StartupError(
            f"ssl.enabled.protocols is {','.join(names)}, but must be of {' and '.join(_VERSIONS)}"
        )
    enabled = _set_suites(context, settings.list("ssl.cipher.suites"), enabled)
    context.minimum_version, context.maximum_version = min(enabled), max(enabled)


def _set_suites(
    context: ssl.SSLContext, suites: Sequence[str], enabled: set[ssl.TLSVersion]
) -> set[ssl.TLSVersion]:
    """Allow these cipher suites alone, all if there are none. Returns the versions that are left to use."""
    if not suites:
        return enabled
    newest = [suite for suite in suites if suite in TLS_1_3]
    older = [(suite, openssl_name(suite)) for suite in suites if suite not in TLS_1_3]
    if unknown := [suite for suite, name in older if name is None]:
        raise StartupError(f"ssl.cipher.suites has {', '.join(unknown)}, which OpenSSL does not have")
    if older:
        try:
            context.set_ciphers(":".join(name for _, name in older if name))
        except ssl.SSLError:
            raise StartupError("ssl.cipher.suites has no suite that OpenSSL would use") from None
        usable = set(enabled)
    else:
        usable = enabled & {ssl.TLSVersion.TLSv1_3}
    if not _set_newest_suites(context, newest):
        usable.discard(ssl.TLSVersion.TLSv1_3)
    if not usable:
        raise StartupError("ssl.cipher.suites leaves no suite for the versions of ssl.enabled.protocols")
    return usable


def _set_newest_suites(context: Any, suites: Sequence[str]) -> bool:
    """Allow these suites of TLS 1.3 alone. Returns whether TLS 1.3 can be used with no others."""
    available = {one["name"] for one in context.get_ciphers() if one["name"] in TLS_1_3}
    wanted = available & set(suites)
    if hasattr(context, "set_ciphersuites"):  # Python 3.15
        if wanted:
            context.set_ciphersuites(":".join(suite for suite in suites if suite in wanted))
        return bool(wanted)
    if wanted and wanted != available:
        log.warning(
            "ssl.cipher.suites: this Python can only allow all suites of TLS 1.3 or none, so TLS 1.3 is off; allow %s",
            ",".join(sorted(available)),
        )
    return bool(wanted) and wanted == available


def _load_key(context: ssl.SSLContext, keystore: KeyStore) -> None:
    """To be called when it is set whether the other side's certificate is verified."""
    with _as_file(keystore.text) as path:
        try:
            _load_chain(context, path, keystore.password or "")
        except ssl.SSLError as error:
            if keystore.password is not None and "DECRYPT" in (error.reason or "DECRYPT"):
                raise StartupError("the private key can't be decrypted: is ssl.key.password right?") from None
            advice = _WEAK_ADVICE if error.reason in _TOO_WEAK else ""
            if advice and context.protocol is ssl.PROTOCOL_TLS_SERVER:
                advice += _OR_ASK_NOBODY
            raise StartupError(
                f"the private key or its certificate can't be used: {_reason(error)}{advice}"
            ) from None


def _load_chain(context: ssl.SSLContext, path: str, password: str) -> None:
    """Load a key and its certificates, at a level of security as low as they need. Raises ssl.SSLError.

    The level is that of the other side's certificate, too, and can't be raised again: OpenSSL looks at the chain in
    each handshake. Level 1 allows it about what Java does, level 0 anything, MD5 and keys of 512 bits included.
    """
    lowest = 0 if context.verify_mode is ssl.CERT_NONE else 1
    why = ""
    while True:
        try:
            context.load_cert_chain(path, password=password)
        except ssl.SSLError as error:
            if error.reason not in _TOO_WEAK or context.security_level <= lowest:
                raise
            why = _reason(error)
            _set_level(context, context.security_level - 1)
        else:
            break
    if why:
        log.warning(
            "OpenSSL calls a certificate of the key store weak (%s); it is used all the same, as by Java, at OpenSSL's "
            "security level %d, which allows %s: renew it",
            why,
            context.security_level,
            _ALLOWED.get(context.security_level, "no more than OpenSSL usually does"),
        )


def _set_level(context: ssl.SSLContext, level: int) -> None:
    """Set OpenSSL's level of security, and leave the suites as they are."""
    older = [one["name"] for one in context.get_ciphers() if one["name"] not in TLS_1_3]
    try:
        context.set_ciphers(":".join([*older, f"@SECLEVEL={level}"]))
    except ssl.SSLError:  # no suite older than TLS 1.3, which OpenSSL says of itself after it set the level
        if older or context.security_level != level:
            raise


def _reason(error: ssl.SSLError) -> str:
    return (error.reason or "unknown reason").replace("_", " ").lower()


def _trust(context: ssl.SSLContext, trusted: Sequence[bytes] | None, purpose: ssl.Purpose) -> None:
    # As in Java, any certificate of the store is trusted, whether or not it signed itself.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if trusted is None:
        context.load_default_certs(purpose)
        return
    try:
        for certificate in trusted:
            context.load_verify_locations(cadata=certificate)
    except ssl.SSLError as error:
        raise StartupError(f"a certificate of the trust store can't be used: {error.reason}") from None


@contextmanager
def _as_file(text: str) -> Iterator[str]:
    """A path to read `text` from, which OpenSSL insists on: memory where that can be, else a file for us alone."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("kbroker")
        try:
            os.write(descriptor, text.encode())
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(text)
            file.flush()
            yield file.name
