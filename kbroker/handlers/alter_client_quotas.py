"""AlterClientQuotas (key 49), versions 0-1: set and remove quotas of users, client ids and addresses (KIP-546).

- each entity has its own outcome; what is wrong with one keeps all of its quotas as they were
- an entity or a key that is named twice is INVALID_REQUEST, though the entity's first alteration is carried out
- of a type that an entity names twice, the last name counts
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.alter_client_quotas import (
    AlterClientQuotasRequest,
    AlterClientQuotasResponse,
    EntityData,
    RequestEntryData,
    ResponseEntryData,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation
from kbroker.state.quotas.entity import Entity, entity_of
from kbroker.state.quotas.registry import Alteration


async def handle(request: AlterClientQuotasRequest, ctx: RequestContext) -> AlterClientQuotasResponse:
    """Answer each entity once."""
    if not ctx.authorize_cluster(AclOperation.ALTER_CONFIGS):
        return AlterClientQuotasResponse(entries=[_refused(entry) for entry in request.entries])
    entries = [(_entity(entry), _alteration(entry)) for entry in request.entries]
    try:
        outcomes = await ctx.broker.quotas.alter(entries, validate_only=request.validate_only)
    except KafkaError as error:  # the disk
        outcomes = {entity: error for entity, _ in entries}
    return AlterClientQuotasResponse(entries=[_result(*outcome) for outcome in outcomes.items()])


def _refused(entry: RequestEntryData) -> ResponseEntryData:
    code = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    return ResponseEntryData(code, "The request is not authorized.", entry.entity)


def _entity(entry: RequestEntryData) -> Entity:
    return entity_of((one.entity_type, one.entity_name) for one in entry.entity)


def _alteration(entry: RequestEntryData) -> Alteration | None:
    alteration = {op.key: None if op.remove else op.value for op in entry.ops}
    return alteration if len(alteration) == len(entry.ops) else None


def _result(entity: Entity, error: KafkaError | None) -> ResponseEntryData:
    return ResponseEntryData(
        ErrorCode.NONE if error is None else error.code,
        None if error is None else error.message,
        [EntityData(kind, name) for kind, name in entity],
    )
