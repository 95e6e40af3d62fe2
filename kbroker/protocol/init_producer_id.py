"""InitProducerId (key 22): get a producer id and epoch, fencing older instances (KIP-98).

Version 6 (two-phase commit, KIP-939) is unreleased: it has a schema but is not advertised.
"""

from kbroker.protocol.schema import field, message


@message(key=22, versions="0-6", flexible="2+")
class InitProducerIdRequest:
    """What the client asks."""

    transactional_id: str | None = field("string", nullable="0+")
    transaction_timeout_ms: int = field("int32")
    producer_id: int = field("int64", "3+", default=-1)
    producer_epoch: int = field("int16", "3+", default=-1)
    enable2_pc: bool = field("bool", "6+")
    keep_prepared_txn: bool = field("bool", "6+")


@message(key=22, versions="0-6", flexible="2+")
class InitProducerIdResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    producer_id: int = field("int64", default=-1)
    producer_epoch: int = field("int16")
    ongoing_txn_producer_id: int = field("int64", "6+", default=-1)
    ongoing_txn_producer_epoch: int = field("int16", "6+", default=-1)
