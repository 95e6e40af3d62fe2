"""Numbers of threads change to half or double at once."""

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.thread_counts import check_thread_counts
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

CONFIG = BrokerConfig.of({"num.io.threads": "8"})


@pytest.mark.parametrize("text", ["4", "8", "16", " 9 "])
def test_allowed(text: str) -> None:
    check_thread_counts(CONFIG, {"num.io.threads": text, "log.retention.ms": "1"})


@pytest.mark.parametrize(
    ("name", "text"), [("num.io.threads", "3"), ("num.io.threads", "17"), ("log.cleaner.threads", "0")]
)
def test_refused(name: str, text: str) -> None:
    with pytest.raises(KafkaError) as refusal:
        check_thread_counts(CONFIG, {name: text})
    assert refusal.value.code is ErrorCode.INVALID_REQUEST
