"""PEM as people give it."""

import pytest

from kbroker.tls.pem import blocks, encode

from ..cpu_time import NOT_QUADRATIC_S, cpu_s
from .certificates import CLIENT, SERVER


def test_blocks_and_what_is_between_them() -> None:
    key, certificate = blocks(f"a comment\n{SERVER.key_pem()}\nsubject=x\r\n{SERVER.pem}")
    assert (key.label, key.is_private_key, key.is_encrypted) == ("PRIVATE KEY", True, False)
    assert key.text == SERVER.key_pem()
    assert (certificate.label, certificate.is_private_key) == ("CERTIFICATE", False)
    assert certificate.der() == SERVER.der


@pytest.mark.parametrize("breaks", [" ", "\r\n", "  \n"])
def test_line_breaks_may_be_lost(breaks: str) -> None:
    text = (SERVER.key_pem() + SERVER.pem).replace("\n", breaks)
    assert [block.text for block in blocks(text)] == [SERVER.key_pem(), SERVER.pem]


def test_encrypted_keys() -> None:
    (modern,) = blocks(CLIENT.key_pem("secret"))
    assert modern.is_private_key
    assert modern.is_encrypted
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0A"
    old = f"-----BEGIN RSA PRIVATE KEY-----\n{headers}\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
    (block,) = blocks(old)
    assert block.is_encrypted
    assert block.text == old


def test_what_is_no_pem() -> None:
    assert blocks("") == []
    assert blocks("-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----") == []
    (block,) = blocks("-----BEGIN CERTIFICATE-----\nA!\n-----END CERTIFICATE-----")
    with pytest.raises(ValueError, match="not base64"):
        block.der()


def test_a_block_ends_at_the_first_end_of_its_label_after_it() -> None:
    text = (
        "-END A-\n-----BEGIN A-----\nAAAA-END B-END A-----\n-----BEGIN A-----\nBBBB\n-----END A-----\n-END A-"
    )
    assert [block.der() for block in blocks(text.replace("-END B", ""))] == [b"\0\0\0", b"\x04\x10A"]
    first, second = blocks(text)
    assert (first.label, second.label) == ("A", "A")
    assert "END B" not in second.text


def test_encoding() -> None:
    assert encode("CERTIFICATE", SERVER.der) == SERVER.pem


@pytest.mark.parametrize(
    "text",
    [
        "-" * 32_000,
        "-BEGIN" + " " * 32_000,
        "-----BEGIN A-----\n" + "-" * 32_000,
        "-----BEGIN A-----\n" * 1800,
        "-----BEGIN A-----\n" + "-END " * 6400,
        "".join(f"-BEGIN A{number}-\n" for number in range(32_000)),
        "".join(f"-BEGIN A{number}-\n-END B{number}-\n" for number in range(16_000)),
        "-END A-" * 64_000 + "-BEGIN A-\n",
        "-BEGIN" + " A" * 64_000,
        "-BEGIN A" + " " * 64_000,
        "-END A" + " " * 64_000,
        "-END " + " " * 64_000,
        "-BEGIN A" * 64_000,
        "-END A" * 64_000,
    ],
)
def test_the_worst_text_takes_time_in_proportion_to_its_length(text: str) -> None:
    """Key stores are also settings that clients alter."""
    assert blocks(text) == []
    assert cpu_s(lambda: blocks(text)) < NOT_QUADRATIC_S
