"""Host names as addresses."""

import pytest

from kbroker.broker.addresses import resolve


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.9", "127.0.0.9"),
        ("::1", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("[::1]", "::1"),
        ("127.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("1.2.3.400", None),
        ("10.0.0.0/8", None),
        (" 127.0.0.1", None),
        ("a" * 300, None),
        ("\0", None),
    ],
)
async def test_resolved(host: str, address: str | None) -> None:
    assert await resolve(host) == address
