"""FindCoordinator (key 10): which broker coordinates a group, a transactional id, or a share group."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=10, versions="0-6", flexible="3+")
class FindCoordinatorRequest:
    """What the client asks."""

    key: str = field("string", "0-3")
    key_type: int = field("int8", "1+")
    coordinator_keys: list[str] = field(array_of("string"), "4+")


@struct
class Coordinator:
    """One item of `FindCoordinatorResponse.coordinators`."""

    key: str = field("string", "4+")
    node_id: int = field("int32", "4+")
    host: str = field("string", "4+")
    port: int = field("int32", "4+")
    error_code: int = field("int16", "4+")
    error_message: str | None = field("string", "4+", nullable="4+")


@message(key=10, versions="0-6", flexible="3+")
class FindCoordinatorResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32", "1+")
    error_code: int = field("int16", "0-3")
    error_message: str | None = field("string", "1-3", nullable="1-3")
    node_id: int = field("int32", "0-3")
    host: str = field("string", "0-3")
    port: int = field("int32", "0-3")
    coordinators: list[Coordinator] = field(array_of(Coordinator), "4+")
