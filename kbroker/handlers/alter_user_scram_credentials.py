"""AlterUserScramCredentials (key 51), version 0: set and delete users' credentials (KIP-554)."""

from kbroker.broker.context import RequestContext
from kbroker.protocol.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    AlterUserScramCredentialsResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation
from kbroker.state.scram_credentials import Deletion, Upsertion


async def handle(
    request: AlterUserScramCredentialsRequest, ctx: RequestContext
) -> AlterUserScramCredentialsResponse:
    """Make all changes that are in order; each user has a result."""
    try:
        if not ctx.authorize_cluster(AclOperation.ALTER):
            raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "Cluster authorization failed.")
        results = await ctx.broker.scram_users.alter(
            [Deletion(each.name, each.mechanism) for each in request.deletions],
            [
                Upsertion(
                    each.name, each.mechanism, each.iterations, bytes(each.salt), bytes(each.salted_password)
                )
                for each in request.upsertions
            ],
        )
    except KafkaError as error:
        users = dict.fromkeys(
            [each.name for each in request.deletions] + [each.name for each in request.upsertions]
        )
        return AlterUserScramCredentialsResponse(
            results=[AlterUserScramCredentialsResult(user, error.code, error.message) for user in users]
        )
    return AlterUserScramCredentialsResponse(
        results=[
            AlterUserScramCredentialsResult(user, refusal.code, refusal.message)
            if refusal
            else AlterUserScramCredentialsResult(user, ErrorCode.NONE, None)
            for user, refusal in results.items()
        ]
    )
