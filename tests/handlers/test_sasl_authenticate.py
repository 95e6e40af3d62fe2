"""SaslAuthenticate, when nobody has to authenticate."""

from kbroker.handlers import sasl_authenticate
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest

from .conftest import MakeContext


async def test_it_is_not_the_time(at: MakeContext) -> None:
    response = await sasl_authenticate.handle(SaslAuthenticateRequest(b"\0alice\0secret"), at(2))
    assert (response.error_code, response.auth_bytes, response.session_lifetime_ms) == (34, b"", 0)
    assert response.error_message is not None
