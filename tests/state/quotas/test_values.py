"""What quotas can be set to, as Apache Kafka 4.3.1 takes it."""

import math

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import entity_of
from kbroker.state.quotas.values import check_value

USER, IP = entity_of([("user", "a")]), entity_of([("ip", "::1")])


@pytest.mark.parametrize("value", [1.0, 1e-9, 1.0000001, 2.0**63, math.nan])
def test_whole_numbers_may_be_a_little_off(value: float) -> None:
    check_value(USER, "producer_byte_rate", value)


@pytest.mark.parametrize("key", ["request_percentage", "controller_mutation_rate"])
def test_fractions(key: str) -> None:
    for value in (0.5, 1e-9, 1e19, math.inf):
        check_value(USER, key, value)


@pytest.mark.parametrize(
    ("entity", "key", "value"),
    [
        (USER, "producer_byte_rate", 0.0),
        (USER, "consumer_byte_rate", -1.0),
        (USER, "consumer_byte_rate", 0.5),
        (USER, "producer_byte_rate", 1e19),
        (USER, "producer_byte_rate", math.inf),
        (USER, "request_percentage", 0.0),
        (USER, "connection_creation_rate", 1.0),
        (USER, "", 1.0),
        (IP, "connection_creation_rate", 2.0**31),
        (IP, "connection_creation_rate", 1.5),
        (IP, "producer_byte_rate", 1.0),
    ],
)
def test_refused(entity: tuple[tuple[str, str | None], ...], key: str, value: float) -> None:
    with pytest.raises(KafkaError) as refused:
        check_value(entity, key, value)
    assert refused.value.code is ErrorCode.INVALID_REQUEST
