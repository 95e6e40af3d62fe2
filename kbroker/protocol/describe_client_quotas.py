"""DescribeClientQuotas (key 48): client quotas that match a filter (KIP-546)."""

from kbroker.protocol.schema import array_of, field, message, struct


@struct
class ComponentData:
    """One item of `DescribeClientQuotasRequest.components`."""

    entity_type: str = field("string")
    match_type: int = field("int8")
    match: str | None = field("string", nullable="0+")


@message(key=48, versions="0-1", flexible="1+")
class DescribeClientQuotasRequest:
    """What the client asks."""

    components: list[ComponentData] = field(array_of(ComponentData))
    strict: bool = field("bool")


@struct
class EntityData:
    """One item of `EntryData.entity`."""

    entity_type: str = field("string")
    entity_name: str | None = field("string", nullable="0+")


@struct
class ValueData:
    """One item of `EntryData.values`."""

    key: str = field("string")
    value: float = field("float64")


@struct
class EntryData:
    """One item of `DescribeClientQuotasResponse.entries`."""

    entity: list[EntityData] = field(array_of(EntityData))
    values: list[ValueData] = field(array_of(ValueData))


@message(key=48, versions="0-1", flexible="1+")
class DescribeClientQuotasResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
    entries: list[EntryData] | None = field(array_of(EntryData), nullable="0+")
