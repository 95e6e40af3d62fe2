"""AlterClientQuotas (key 49): set or remove client quotas (KIP-546)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class EntityData:
    """One item of `RequestEntryData.entity` and `RequestEntryData.entity`."""

    entity_type: str = field("string")
    entity_name: str | None = field("string", nullable="0+")


@struct
class OpData:
    """One item of `RequestEntryData.ops`."""

    key: str = field("string")
    value: float = field("float64")
    remove: bool = field("bool")


@struct
class RequestEntryData:
    """One item of `AlterClientQuotasRequest.entries`."""

    entity: list[EntityData] = field(array_of(EntityData))
    ops: list[OpData] = field(array_of(OpData))


@message(key=49, versions="0-1", flexible="1+")
class AlterClientQuotasRequest:
    """What the client asks."""

    entries: list[RequestEntryData] = field(array_of(RequestEntryData))
    validate_only: bool = field("bool")


@struct
class ResponseEntryData:
    """One item of `AlterClientQuotasResponse.entries`."""

    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    entity: list[EntityData] = field(array_of(EntityData))


@message(key=49, versions="0-1", flexible="1+")
class AlterClientQuotasResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    entries: list[ResponseEntryData] = field(array_of(ResponseEntryData))
