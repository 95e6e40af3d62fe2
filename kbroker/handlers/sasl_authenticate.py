"""SaslAuthenticate (key 36), versions 0-2: one token of a SASL exchange.

A connection's gate answers it while the client authenticates; here it comes too late, or where nobody authenticates.
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse


async def handle(_request: SaslAuthenticateRequest, _ctx: RequestContext) -> SaslAuthenticateResponse:
    """Say that this is not the time."""
    return SaslAuthenticateResponse(
        error_code=ErrorCode.ILLEGAL_SASL_STATE,
        error_message="SaslAuthenticate request received after successful authentication",
    )
