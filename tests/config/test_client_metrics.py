"""Subscriptions to client metrics: what may be set, and how it is shown."""

import pytest

from kbroker.config.client_metrics import check_client_metrics, describe_client_metrics
from kbroker.config.types import ConfigSource
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


@pytest.mark.parametrize(
    "configs",
    [
        {},
        {"interval.ms": "100"},
        {"interval.ms": "3600000"},
        {"metrics": "*"},
        {"metrics": ""},
        {"match": "client_id=a,client_source_port= 9.* "},
    ],
)
def test_allowed(configs: dict[str, str]) -> None:
    check_client_metrics("s", configs)


@pytest.mark.parametrize(
    ("configs", "error"),
    [
        ({"no.such.config": "1"}, ErrorCode.INVALID_REQUEST),
        ({"interval.ms": "99"}, ErrorCode.INVALID_REQUEST),
        ({"interval.ms": "3600001"}, ErrorCode.INVALID_REQUEST),
        ({"interval.ms": "soon"}, ErrorCode.INVALID_CONFIG),
        ({"metrics": "a,,b"}, ErrorCode.INVALID_CONFIG),
        ({"match": "client_id"}, ErrorCode.INVALID_CONFIG),
        ({"match": "client_name=a"}, ErrorCode.INVALID_CONFIG),
        ({"match": "client_id=["}, ErrorCode.INVALID_CONFIG),
        ({"match": "client_id=a=b"}, ErrorCode.INVALID_CONFIG),
    ],
)
def test_refused(configs: dict[str, str], error: ErrorCode) -> None:
    with pytest.raises(KafkaError) as refusal:
        check_client_metrics("s", configs)
    assert refusal.value.code is error


def test_a_subscription_has_a_name() -> None:
    with pytest.raises(KafkaError) as refusal:
        check_client_metrics("", {})
    assert refusal.value.code is ErrorCode.INVALID_REQUEST


def test_what_is_set_is_shown_with_its_source() -> None:
    shown = {entry.name: entry for entry in describe_client_metrics({"interval.ms": " 1000 "})}
    assert list(shown) == ["interval.ms", "match", "metrics"]
    assert (shown["interval.ms"].value, shown["interval.ms"].source) == ("1000", ConfigSource.CLIENT_METRICS)
    assert (shown["metrics"].value, shown["metrics"].source, shown["metrics"].synonyms) == (
        "",
        ConfigSource.DEFAULT,
        (),
    )
