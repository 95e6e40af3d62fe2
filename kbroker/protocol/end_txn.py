"""EndTxn (key 26): commit or abort a transaction."""

from kbroker.protocol.schema import field, message


@message(key=26, versions="0-5", flexible="3+")
class EndTxnRequest:
    """What the client asks."""

    transactional_id: str = field("string")
    producer_id: int = field("int64")
    producer_epoch: int = field("int16")
    committed: bool = field("bool")


@message(key=26, versions="0-5", flexible="3+")
class EndTxnResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    producer_id: int = field("int64", "5+", default=-1)
    producer_epoch: int = field("int16", "5+", default=-1)
