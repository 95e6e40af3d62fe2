"""What AlterConfigs and IncrementalAlterConfigs may do to the settings of a resource (KIP-133, KIP-339)."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from attrs import frozen

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


class ResourceType(IntEnum):
    """What settings can belong to, by the numbers of the protocol."""

    TOPIC = 2
    BROKER = 4
    BROKER_LOGGER = 8
    CLIENT_METRICS = 16
    GROUP = 32


class Operation(IntEnum):
    """What an incremental change does to one setting."""

    SET = 0
    DELETE = 1
    APPEND = 2
    SUBTRACT = 3


@frozen
class ConfigChange:
    """One setting's change. `operation` is as sent, so maybe none of Operation; DELETE ignores `value`."""

    name: str
    operation: int
    value: str | None


# The default of a list setting, as text; None for a setting that is no list.
ListDefault = Callable[[str], str | None]


def check_changes(changes: Sequence[ConfigChange]) -> None:
    """Check what needs no knowledge of the settings. Raises KafkaError INVALID_REQUEST."""
    if len({change.name for change in changes}) < len(changes):
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Error due to duplicate config keys")
    nulls = [one.name for one in changes if one.value is None and one.operation != Operation.DELETE]
    if nulls:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Null value not supported for : {', '.join(nulls)}")


def apply_changes(
    current: Mapping[str, str], changes: Sequence[ConfigChange], list_default: ListDefault
) -> dict[str, str]:
    """What is set after the changes, given what is set now.

    Raises KafkaError: INVALID_CONFIG for APPEND and SUBTRACT on what is no list, or with an empty item;
    UNKNOWN_SERVER_ERROR for an unknown operation, as Apache Kafka.
    """
    result = dict(current)
    for change in changes:
        if change.operation == Operation.DELETE:
            result.pop(change.name, None)
        elif change.operation == Operation.SET:
            result[change.name] = change.value or ""
        elif change.operation in (Operation.APPEND, Operation.SUBTRACT):
            result[change.name] = _changed_list(current, change, list_default)
        else:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
    return result


def _changed_list(current: Mapping[str, str], change: ConfigChange, list_default: ListDefault) -> str:
    default = list_default(change.name)
    if default is None:
        operation = Operation(change.operation).name
        raise KafkaError(
            ErrorCode.INVALID_CONFIG, f"Can't {operation} to key {change.name} because its type is not LIST."
        )
    before = current.get(change.name, default)
    items = before.split(",") if before else []
    for item in (change.value or "").split(","):
        if change.operation == Operation.SUBTRACT:
            items = [other for other in items if other != item]
        elif item not in items:
            items.append(item)
    if len(items) > 1 and "" in items:
        raise KafkaError(ErrorCode.INVALID_CONFIG, f"Configuration '{change.name}' values must not be empty.")
    return ",".join(items)
