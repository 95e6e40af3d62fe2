"""ListTransactions (key 66): transactions a coordinator knows, by state, producer or age (KIP-664)."""

from kbroker.protocol.schema import array_of, field, message, struct


@message(key=66, versions="0-2", flexible="0+")
class ListTransactionsRequest:
    """What the client asks."""

    state_filters: list[str] = field(array_of("string"))
    producer_id_filters: list[int] = field(array_of("int64"))
    duration_filter: int = field("int64", "1+", default=-1)
    transactional_id_pattern: str | None = field("string", "2+", nullable="2+", default=None)


@struct
class TransactionState:
    """One item of `ListTransactionsResponse.transaction_states`."""

    transactional_id: str = field("string")
    producer_id: int = field("int64")
    transaction_state: str = field("string")


@message(key=66, versions="0-2", flexible="0+")
class ListTransactionsResponse:
    """What the broker answers."""

    throttle_time_ms: int = field("int32")
    error_code: int = field("int16")
    unknown_state_filters: list[str] = field(array_of("string"))
    transaction_states: list[TransactionState] = field(array_of(TransactionState))
