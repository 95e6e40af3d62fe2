"""What the broker wants to know of an X.509 certificate (RFC 5280): whose it is, who issued it, its other names."""

from collections.abc import Iterable

from attrs import frozen

from kbroker.tls.der import OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, DerError, element, oid_text

_VERSION = 0xA0
_EXTENSIONS = 0xA3
_SUBJECT_ALTERNATIVE_NAME = "2.5.29.17"


@frozen
class Certificate:
    """A certificate in DER, and parts of it in DER. `alternative_names` is what each name is encoded as."""

    encoded: bytes
    subject: bytes
    issuer: bytes
    alternative_names: frozenset[bytes]


def parse_certificate(encoded: bytes) -> Certificate:
    """Read a certificate. Raises DerError for what is none."""
    try:
        to_be_signed = next(element(encoded).expect(SEQUENCE).children()).expect(SEQUENCE)
        parts = list(to_be_signed.children())
        if parts[0].tag == _VERSION:
            del parts[0]
        _serial, _algorithm, issuer, _validity, subject, _key, *rest = parts
        names: frozenset[bytes] = frozenset()
        for part in rest:
            if part.tag == _EXTENSIONS:
                names = _alternative_names(part.contents)
    except (StopIteration, IndexError, ValueError) as error:
        raise DerError(f"no certificate: {error}") from error
    return Certificate(encoded, subject.expect(SEQUENCE).encoded, issuer.expect(SEQUENCE).encoded, names)


def _alternative_names(extensions: bytes) -> frozenset[bytes]:
    for extension in element(extensions).children():
        parts = list(extension.children())
        if oid_text(parts[0].expect(OBJECT_IDENTIFIER).contents) == _SUBJECT_ALTERNATIVE_NAME:
            names = element(parts[-1].expect(OCTET_STRING).contents)
            return frozenset(name.encoded for name in names.children())
    return frozenset()


def in_chain_order(leaf: bytes, others: Iterable[bytes]) -> tuple[bytes, ...]:
    """A certificate, its issuer, that one's issuer and so on, of those that are there; what fits nowhere is last."""
    left = [parse_certificate(one) for one in others if one != leaf]
    chain = [parse_certificate(leaf)]
    while issuer := next((one for one in left if one.subject == chain[-1].issuer), None):
        left.remove(issuer)
        chain.append(issuer)
    return tuple(one.encoded for one in (*chain, *left))
