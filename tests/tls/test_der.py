"""DER elements, and what is none."""

import pytest

from kbroker.tls.der import OBJECT_IDENTIFIER, SEQUENCE, DerError, element, elements, oid_text


def test_elements_follow_one_another_and_nest() -> None:
    found = element(bytes.fromhex("3008 0201 05 0603 550403".replace(" ", ""))).expect(SEQUENCE)
    number, oid = found.children()
    assert (number.tag, number.contents, number.encoded) == (2, b"\x05", b"\x02\x01\x05")
    assert oid_text(oid.expect(OBJECT_IDENTIFIER).contents) == "2.5.4.3"
    assert list(elements(b"")) == []


def test_long_lengths() -> None:
    assert element(b"\x04\x82\x01\x00" + bytes(256)).contents == bytes(256)
    assert element(b"\x04\x81\x80" + bytes(128)).contents == bytes(128)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "cut short"),
        ("30", "cut short"),
        ("3005", "cut short"),
        ("3080", "length of 0"),
        ("308501", "length of 5"),
        ("1f8101", "several bytes"),
        ("05000500", "2 bytes after"),
    ],
)
def test_what_is_no_element(data: str, reason: str) -> None:
    with pytest.raises(DerError, match=reason):
        element(bytes.fromhex(data))


def test_another_tag_than_expected() -> None:
    with pytest.raises(DerError, match="0x5 where 0x30"):
        element(b"\x05\x00").expect(SEQUENCE)


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        ("2a864886f70d010901", "1.2.840.113549.1.9.1"),
        ("883701", "2.999.1"),
        ("0992268993f22c640101", "0.9.2342.19200300.100.1.1"),
    ],
)
def test_object_identifiers(contents: str, text: str) -> None:
    assert oid_text(bytes.fromhex(contents)) == text


def test_half_an_object_identifier() -> None:
    with pytest.raises(DerError):
        oid_text(b"\x2a\x86")
    with pytest.raises(DerError):
        oid_text(b"")
