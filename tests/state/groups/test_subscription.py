"""kbroker/state/groups/subscription.py"""

import pytest

from kbroker.protocol.consumer_protocol import ConsumerProtocolSubscription
from kbroker.protocol.schema import writer
from kbroker.state.groups.subscription import subscribed_topics


def subscription(*topics: str, version: int = 3) -> bytes:
    written = writer(ConsumerProtocolSubscription, version)(ConsumerProtocolSubscription(topics=list(topics)))
    return version.to_bytes(2, "big") + b"".join(written)


@pytest.mark.parametrize("version", range(4))
def test_the_topics_of_all_members(version: int) -> None:
    members = [subscription("a", "b", version=version), subscription("b", "c")]
    assert subscribed_topics(members) == {"a", "b", "c"}


def test_a_version_from_the_future_can_be_read_that_far() -> None:
    assert subscribed_topics([b"\x00\x09" + subscription("a")[2:] + b"more"]) == {"a"}


def test_nobody_subscribes_to_nothing() -> None:
    assert subscribed_topics([]) == frozenset()


@pytest.mark.parametrize("junk", [b"", b"\xff", b"\x00\x00", b"\x00\x00\x00\x00\x00\x01\x00\x05ab"])
def test_what_is_no_subscription_makes_it_unknown(junk: bytes) -> None:
    assert subscribed_topics([subscription("a"), junk]) is None
