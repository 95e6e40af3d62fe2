"""ListGroups (key 16): the groups a broker coordinates."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=16, versions="0-5", flexible="3+")
class ListGroupsRequest:
    """What the client asks."""

    states_filter: list[str] = field(array_of("string"), "4+")
    types_filter: list[str] = field(array_of("string"), "5+")


@struct
class ListedGroup:
    """One item of `ListGroupsResponse.groups`."""

    group_id: str = field("string")
    protocol_type: str = field("string")
    group_state: str = field("string", "4+")
    group_type: str = field("string", "5+")


@message(key=16, versions="0-5", flexible="3+")
class ListGroupsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "1+")
    error_code: int = field("int16")
    groups: list[ListedGroup] = field(array_of(ListedGroup))
