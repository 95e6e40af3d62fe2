"""CreateDelegationToken (key 38), versions 1-3: a token to log in with for a while (KIP-48, KIP-373)."""

from kbroker.broker.context import RequestContext
from kbroker.broker.token_requests import NO_TIME, may_ask_for_tokens
from kbroker.protocol.create_delegation_token import (
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.delegation_tokens import USER, DelegationToken


async def handle(request: CreateDelegationTokenRequest, ctx: RequestContext) -> CreateDelegationTokenResponse:
    """Make a token of the client's, or of the owner's it names."""
    requester = ctx.connection.principal
    owner = requester
    if request.owner_principal_name:
        owner = f"{request.owner_principal_type}:{request.owner_principal_name}"
    response = CreateDelegationTokenResponse(
        issue_timestamp_ms=NO_TIME, expiry_timestamp_ms=NO_TIME, max_timestamp_ms=NO_TIME
    )
    response.principal_type, _, response.principal_name = owner.partition(":")
    response.token_requester_principal_type, _, response.token_requester_principal_name = requester.partition(
        ":"
    )
    try:
        token = await _create(request, ctx, owner)
    except KafkaError as error:
        response.error_code = error.code
        return response
    response.issue_timestamp_ms = token.issued_ms
    response.expiry_timestamp_ms = token.expires_ms
    response.max_timestamp_ms = token.max_ms
    response.token_id = token.token_id
    response.hmac = ctx.broker.delegation_tokens.hmac(token)
    return response


async def _create(request: CreateDelegationTokenRequest, ctx: RequestContext, owner: str) -> DelegationToken:
    requester = ctx.connection.principal
    if not may_ask_for_tokens(ctx.connection):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED)
    if owner != requester and not ctx.authorize(AclOperation.CREATE_TOKENS, AclResourceType.USER, owner):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED)
    if any(renewer.principal_type != USER for renewer in request.renewers):
        raise KafkaError(ErrorCode.INVALID_PRINCIPAL_TYPE)
    renewers = [f"{renewer.principal_type}:{renewer.principal_name}" for renewer in request.renewers]
    return await ctx.broker.delegation_tokens.create(owner, requester, renewers, request.max_lifetime_ms)
