"""DescribeDelegationToken (key 41), versions 1-3: tokens that the client owns, may renew, or is allowed to see."""

from kbroker.broker.context import RequestContext
from kbroker.broker.token_requests import may_ask_for_tokens
from kbroker.protocol.describe_delegation_token import (
    DescribedDelegationToken,
    DescribedDelegationTokenRenewer,
    DescribeDelegationTokenRequest,
    DescribeDelegationTokenResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.delegation_tokens import DelegationToken


async def handle(
    request: DescribeDelegationTokenRequest, ctx: RequestContext
) -> DescribeDelegationTokenResponse:
    """Show tokens of the owners asked for: null is all, an empty list none."""
    owners = (
        None
        if request.owners is None
        else {f"{owner.principal_type}:{owner.principal_name}" for owner in request.owners}
    )

    def authorized(token: DelegationToken) -> bool:
        return ctx.authorize(
            AclOperation.DESCRIBE, AclResourceType.DELEGATION_TOKEN, token.token_id
        ) or ctx.authorize(AclOperation.DESCRIBE_TOKENS, AclResourceType.USER, token.owner)

    if not may_ask_for_tokens(ctx.connection):
        return DescribeDelegationTokenResponse(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED)
    try:
        tokens = ctx.broker.delegation_tokens.shown(ctx.connection.principal, owners, authorized)
    except KafkaError as error:
        return DescribeDelegationTokenResponse(error.code)
    return DescribeDelegationTokenResponse(tokens=[_described(token, ctx) for token in tokens])


def _described(token: DelegationToken, ctx: RequestContext) -> DescribedDelegationToken:
    return DescribedDelegationToken(
        *_parts(token.owner),
        *_parts(token.requester),
        token.issued_ms,
        token.expires_ms,
        token.max_ms,
        token.token_id,
        ctx.broker.delegation_tokens.hmac(token),
        [DescribedDelegationTokenRenewer(*_parts(renewer)) for renewer in token.renewers],
    )


def _parts(principal: str) -> tuple[str, str]:
    kind, _, name = principal.partition(":")
    return kind, name
