"""What is read of a certificate, compared with what it was made of."""

import pytest

from kbroker.tls.certificate import in_chain_order, parse_certificate
from kbroker.tls.der import DerError
from kbroker.tls.distinguished_name import distinguished_name

from .certificates import AUTHORITY, CLIENT, SERVER, STRANGER, identity


def test_subject_issuer_and_other_names() -> None:
    certificate = parse_certificate(SERVER.der)
    assert certificate.encoded == SERVER.der
    assert distinguished_name(certificate.subject) == "CN=broker"
    assert distinguished_name(certificate.issuer) == "CN=Test CA"
    assert certificate.alternative_names == {b"\x82\x09localhost", b"\x87\x04\x7f\x00\x00\x01"}
    assert parse_certificate(AUTHORITY.der).alternative_names == frozenset()


@pytest.mark.parametrize("data", [b"", b"\x30\x00", SERVER.der[:-1], SERVER.der + b"\x00", b"hello"])
def test_what_is_no_certificate(data: bytes) -> None:
    with pytest.raises(DerError):
        parse_certificate(data)


def test_a_chain_begins_with_the_leaf_and_each_is_followed_by_its_issuer() -> None:
    middle = identity("middle", AUTHORITY, authority=True, dns=None)
    leaf = identity("leaf", middle)
    others = [STRANGER.der, AUTHORITY.der, leaf.der, middle.der]
    assert in_chain_order(leaf.der, others) == (leaf.der, middle.der, AUTHORITY.der, STRANGER.der)
    assert in_chain_order(CLIENT.der, ()) == (CLIENT.der,)
