"""ExpireDelegationToken (key 40), versions 1-2: bring a token's end forward, or remove it (KIP-48)."""

from kbroker.broker.context import RequestContext
from kbroker.broker.token_requests import NO_TIME, may_ask_for_tokens
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.expire_delegation_token import (
    ExpireDelegationTokenRequest,
    ExpireDelegationTokenResponse,
)


async def handle(request: ExpireDelegationTokenRequest, ctx: RequestContext) -> ExpireDelegationTokenResponse:
    """End the token that has the given HMAC after a period, at once if that is negative."""
    if not may_ask_for_tokens(ctx.connection):
        return ExpireDelegationTokenResponse(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, NO_TIME)
    try:
        expires_ms = await ctx.broker.delegation_tokens.expire(
            bytes(request.hmac), ctx.connection.principal, request.expiry_time_period_ms
        )
    except KafkaError as error:
        return ExpireDelegationTokenResponse(error.code)
    return ExpireDelegationTokenResponse(expiry_timestamp_ms=expires_ms)
