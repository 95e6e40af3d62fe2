"""DescribeUserScramCredentials (key 50), version 0: mechanisms and iterations of users' credentials (KIP-554)."""

from collections import Counter

from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_user_scram_credentials import (
    CredentialInfo,
    DescribeUserScramCredentialsRequest,
    DescribeUserScramCredentialsResponse,
    DescribeUserScramCredentialsResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import AclOperation


async def handle(
    request: DescribeUserScramCredentialsRequest, ctx: RequestContext
) -> DescribeUserScramCredentialsResponse:
    """Describe the users asked for, all if none is."""
    if not ctx.authorize_cluster(AclOperation.DESCRIBE):
        code = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
        of_nobody = [DescribeUserScramCredentialsResult("", code, None) for _ in request.users or ()]
        return DescribeUserScramCredentialsResponse(error_code=code, error_message=None, results=of_nobody)
    asked = Counter(user.name for user in request.users or ())
    names = asked if asked else Counter(ctx.broker.scram_users.users())
    return DescribeUserScramCredentialsResponse(
        results=[_describe(ctx, name, count) for name, count in names.items()]
    )


def _describe(ctx: RequestContext, name: str, count: int) -> DescribeUserScramCredentialsResult:
    if count > 1:
        return DescribeUserScramCredentialsResult(
            name,
            ErrorCode.DUPLICATE_RESOURCE,
            f"Cannot describe SCRAM credentials for the same user twice in a single request: {name}",
        )
    known = ctx.broker.scram_users.iterations(name)
    if not known:
        return DescribeUserScramCredentialsResult(
            name,
            ErrorCode.RESOURCE_NOT_FOUND,
            f"Attempt to describe a user credential that does not exist: {name}",
        )
    infos = [CredentialInfo(int(mechanism), iterations) for mechanism, iterations in known]
    return DescribeUserScramCredentialsResult(name, credential_infos=infos)
