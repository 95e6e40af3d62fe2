"""The subscription and assignment bytes of classic consumers, as Kafka's own clients write them."""

import pytest

from kbroker.protocol.consumer_protocol import (
    AssignmentTopicPartition,
    ConsumerProtocolAssignment,
    ConsumerProtocolSubscription,
    SubscriptionTopicPartition,
)
from kbroker.protocol.schema import reader, writer

TOPICS = b"\0\0\0\x02\0\x01a\0\x01b"
OWNED = b"\0\0\0\x01\0\x01a\0\0\0\x02\0\0\0\0\0\0\0\x05"
SUBSCRIPTION = ConsumerProtocolSubscription(
    ["a", "b"], b"user", [SubscriptionTopicPartition("a", [0, 5])], 3, "rack"
)
SUBSCRIPTIONS = {
    0: TOPICS + b"\0\0\0\x04user",
    1: TOPICS + b"\0\0\0\x04user" + OWNED,
    2: TOPICS + b"\0\0\0\x04user" + OWNED + b"\0\0\0\x03",
    3: TOPICS + b"\0\0\0\x04user" + OWNED + b"\0\0\0\x03" + b"\0\x04rack",
}


@pytest.mark.parametrize("version", SUBSCRIPTIONS)
def test_each_version_of_a_subscription_adds_to_the_one_before(version: int) -> None:
    assert b"".join(writer(ConsumerProtocolSubscription, version)(SUBSCRIPTION)) == SUBSCRIPTIONS[version]


def test_a_subscription_is_read_with_defaults_for_what_it_lacks() -> None:
    assert reader(ConsumerProtocolSubscription, 3)(SUBSCRIPTIONS[3]) == SUBSCRIPTION
    assert reader(ConsumerProtocolSubscription, 0)(SUBSCRIPTIONS[0]) == ConsumerProtocolSubscription(
        ["a", "b"], b"user", [], -1, None
    )


def test_newer_subscriptions_can_be_read_as_version_0() -> None:
    """Which the broker relies on: it reads the topics alone, whatever the version says."""
    assert reader(ConsumerProtocolSubscription, 0)(SUBSCRIPTIONS[3]).topics == ["a", "b"]


@pytest.mark.parametrize("version", range(4))
def test_an_assignment_is_the_same_in_all_versions(version: int) -> None:
    assignment = ConsumerProtocolAssignment([AssignmentTopicPartition("a", [0, 5])], None)
    encoded = OWNED + b"\xff\xff\xff\xff"
    assert b"".join(writer(ConsumerProtocolAssignment, version)(assignment)) == encoded
    assert reader(ConsumerProtocolAssignment, version)(encoded) == assignment
