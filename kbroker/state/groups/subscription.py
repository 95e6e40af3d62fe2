"""What the coordinator reads of the consumers' own protocol: the topics they subscribe to."""

from collections.abc import Iterable
from typing import Final

from kbroker.protocol.consumer_protocol import ConsumerProtocolSubscription
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.schema import reader

CONSUMER_PROTOCOL_TYPE: Final = "consumer"
_VERSION_BYTES: Final = 2
_read = reader(ConsumerProtocolSubscription, 0)  # the topics stand first in every version


def subscribed_topics(metadata: Iterable[bytes]) -> frozenset[str] | None:
    """The topics of all members together; None when one member's bytes are no subscription.

    No members subscribe to nothing.
    """
    topics: set[str] = set()
    try:
        for subscription in metadata:
            if len(subscription) < _VERSION_BYTES:
                return None
            topics.update(_read(subscription, _VERSION_BYTES).topics)
    except ProtocolError:
        return None
    return frozenset(topics)
