"""Distinguished names as Java writes them."""

import json
from pathlib import Path

import pytest

from kbroker.tls.der import DerError
from kbroker.tls.distinguished_name import distinguished_name

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "principals_4.3.1.json").read_text())["names"]
_OF_THREE = b"\x30\x0d\x31\x0b\x30\x09\x06\x01\x55\x0c\x01a\x0c\x01b"  # an attribute of a type and two values
_OF_ONE = b"\x30\x07\x31\x05\x30\x03\x06\x01\x55"


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["text"])
def test_as_java(case: dict[str, str]) -> None:
    assert distinguished_name(bytes.fromhex(case["der"])) == case["text"]


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x02\x31\x05", b"\x02\x01\x01", _OF_THREE, _OF_ONE])
def test_what_is_no_name(der: bytes) -> None:
    with pytest.raises(DerError):
        distinguished_name(der)
