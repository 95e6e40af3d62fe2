"""DeleteGroups (key 42): delete empty groups and their offsets (KIP-229)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=42, versions="0-2", flexible="2+")
class DeleteGroupsRequest:
    """What the client asks."""

    groups_names: list[str] = field(array_of("string"))


@struct
class DeletableGroupResult:
    """One item of `DeleteGroupsResponse.results`."""

    group_id: str = field("string")
    error_code: int = field("int16")


@message(key=42, versions="0-2", flexible="2+")
class DeleteGroupsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    results: list[DeletableGroupResult] = field(array_of(DeletableGroupResult))
