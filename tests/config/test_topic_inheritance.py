"""What is set for the broker is the default of its topics: each of the settings that say so is tried."""

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.definitions import TOPIC_SYNONYMS
from kbroker.config.effective import EFFECTIVE_TOPIC_CONFIGS
from kbroker.config.topic import TopicConfig

VALUES = {
    "cleanup.policy": ("compact", frozenset({"compact"})),
    "compression.type": ("gzip", "gzip"),
    "message.timestamp.type": ("LogAppendTime", "LogAppendTime"),
    "min.cleanable.dirty.ratio": ("0.25", 0.25),
    "preallocate": ("true", True),
    "segment.bytes": ("2000000", 2_000_000),
}
NAMES = [
    (topic_name, broker_name, factor)
    for topic_name, synonyms in TOPIC_SYNONYMS.items()
    if topic_name in EFFECTIVE_TOPIC_CONFIGS
    for broker_name, factor in synonyms
]


@pytest.mark.parametrize(("name", "broker_name", "factor"), NAMES)
def test_a_topic_inherits_what_its_broker_has(name: str, broker_name: str, factor: int) -> None:
    text, value = VALUES.get(name, ("5", 5 * factor))
    field = name.replace(".", "_")
    assert getattr(TopicConfig(), field) != value
    assert getattr(BrokerConfig.of({broker_name: text}).topic_config({}), field) == value
