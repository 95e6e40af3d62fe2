"""Whom a quota is for: a user, a client id, both, or an IP address; no name is the default of all without their own."""

from collections.abc import Iterable

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

USER, CLIENT_ID, IP = "user", "client-id", "ip"
TYPES = (USER, CLIENT_ID, IP)

# Pairs of type and name in the order of their types; a name of None is the default.
Entity = tuple[tuple[str, str | None], ...]


def entity_of(pairs: Iterable[tuple[str, str | None]]) -> Entity:
    """The entity of some pairs; of a type that is named twice, the last one counts."""
    return tuple(sorted(dict(pairs).items()))


def check_entity(entity: Entity) -> None:
    """Raise KafkaError INVALID_REQUEST unless there can be such an entity. Whether an address exists is not asked."""
    if not entity:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Invalid empty client quota entity")
    for kind, name in entity:
        if kind not in TYPES:
            raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unhandled client quota entity type: {kind}")
        if name == "":
            raise KafkaError(ErrorCode.INVALID_REQUEST, f"Empty {kind} not supported")
    if len(entity) > 1 and any(kind == IP for kind, _ in entity):
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            "Invalid quota entity combination, IP entity should not be combined with User or ClientId",
        )
