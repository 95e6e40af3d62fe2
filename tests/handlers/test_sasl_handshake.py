"""SaslHandshake, when nobody has to authenticate."""

from kbroker.handlers import sasl_handshake
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse

from .conftest import MakeContext


async def test_it_is_not_the_time(at: MakeContext) -> None:
    response = await sasl_handshake.handle(SaslHandshakeRequest("PLAIN"), at(1))
    assert response == SaslHandshakeResponse(34, [])
