"""Distinguished names as Java writes them."""

import json
from pathlib import Path

import pytest

from kbroker.tls.der import DerError
from kbroker.tls.distinguished_name import distinguished_name

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "principals_4.3.1.json").read_text())["names"]


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: case["text"])
def test_as_java(case: dict[str, str]) -> None:
    assert distinguished_name(bytes.fromhex(case["der"])) == case["text"]


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x02\x31\x05", b"\x02\x01\x01"])
def test_what_is_no_name(der: bytes) -> None:
    with pytest.raises(DerError):
        distinguished_name(der)
