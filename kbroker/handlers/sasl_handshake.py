"""SaslHandshake (key 17), versions 0-1: the mechanisms there are.

A connection's gate answers it while the client authenticates; here it comes too late, or where nobody authenticates.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse


async def handle(_request: SaslHandshakeRequest, _ctx: RequestContext) -> SaslHandshakeResponse:
    """Say that this is not the time."""
    return SaslHandshakeResponse(error_code=ErrorCode.ILLEGAL_SASL_STATE)
