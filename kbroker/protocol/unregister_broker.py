"""UnregisterBroker (key 64): forget a broker that is gone for good (KIP-631)."""

from kbroker.protocol.schema import field, message


@message(key=64, versions="0", flexible="0+")
class UnregisterBrokerRequest:
    """What the client asks."""

    broker_id: int = field("int32")


@message(key=64, versions="0", flexible="0+")
class UnregisterBrokerResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    error_message: str | None = field("string", nullable="0+")
