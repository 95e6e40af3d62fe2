"""What can be limited, and to what: each kind of quota has its own name and range."""

import math
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import IP, Entity

PRODUCER_BYTE_RATE = "producer_byte_rate"
CONSUMER_BYTE_RATE = "consumer_byte_rate"
REQUEST_PERCENTAGE = "request_percentage"
CONTROLLER_MUTATION_RATE = "controller_mutation_rate"
CONNECTION_CREATION_RATE = "connection_creation_rate"

_FRACTION = 1e-6  # so much a whole number may be off


@frozen
class _Whole:
    """A number that has to be whole, of a type of Java's."""

    largest: float
    type_name: str


_LONG: Final = _Whole(2.0**63, "a LONG")
_INT: Final = _Whole(2.0**31 - 1, "an INT")
_OF_CLIENTS: Final[Mapping[str, _Whole | None]] = {
    PRODUCER_BYTE_RATE: _LONG,
    CONSUMER_BYTE_RATE: _LONG,
    REQUEST_PERCENTAGE: None,
    CONTROLLER_MUTATION_RATE: None,
}
_OF_ADDRESSES: Final[Mapping[str, _Whole | None]] = {CONNECTION_CREATION_RATE: _INT}


def check_value(entity: Entity, key: str, value: float) -> None:
    """Raise KafkaError INVALID_REQUEST unless `key` can be set to `value` for this entity. NaN is no limit."""
    keys = _OF_ADDRESSES if entity[0][0] == IP else _OF_CLIENTS
    if key not in keys:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Invalid configuration key {key}")
    if value <= 0:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Quota {key} must be greater than 0")
    whole = keys[key]
    if whole is None:
        return
    if value > whole.largest:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"Proposed value for {key} is too large for {whole.type_name}."
        )
    if math.fmod(value, 1) > _FRACTION:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"{key} cannot be a fractional value.")
