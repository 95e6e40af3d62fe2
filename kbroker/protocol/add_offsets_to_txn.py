"""AddOffsetsToTxn (key 25): enlist a group's offsets in a transaction."""

from kbroker.protocol.schema import field, message


@message(key=25, versions="0-4", flexible="3+")
class AddOffsetsToTxnRequest:
    """What the client asks."""

    transactional_id: str = field("string")
    producer_id: int = field("int64")
    producer_epoch: int = field("int16")
    group_id: str = field("string")


@message(key=25, versions="0-4", flexible="3+")
class AddOffsetsToTxnResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
