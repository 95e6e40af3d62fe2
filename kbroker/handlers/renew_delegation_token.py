"""RenewDelegationToken (key 39), versions 1-2: put a token's end off, up to its longest life (KIP-48)."""

from kbroker.broker.context import RequestContext
from kbroker.broker.token_requests import NO_TIME, may_ask_for_tokens
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.renew_delegation_token import RenewDelegationTokenRequest, RenewDelegationTokenResponse


async def handle(request: RenewDelegationTokenRequest, ctx: RequestContext) -> RenewDelegationTokenResponse:
    """Renew the token that has the given HMAC."""
    if not may_ask_for_tokens(ctx.connection):
        return RenewDelegationTokenResponse(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, NO_TIME)
    try:
        token = await ctx.broker.delegation_tokens.renew(
            bytes(request.hmac), ctx.connection.principal, request.renew_period_ms
        )
    except KafkaError as error:
        return RenewDelegationTokenResponse(error.code)
    return RenewDelegationTokenResponse(expiry_timestamp_ms=token.expires_ms)
