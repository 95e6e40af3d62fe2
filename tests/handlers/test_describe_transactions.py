"""DescribeTransactions: where transactional ids stand."""

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_transactions
from kbroker.protocol.describe_transactions import DescribeTransactionsRequest
from kbroker.protocol.error_codes import ErrorCode

from .conftest import FixedClock, context
from .transacting import Producer


async def test_what_is_known_is_described(broker: Broker, clock: FixedClock) -> None:
    await broker.topics.create("t", 3, {})
    producer = await Producer(broker).begin(timeout_ms=12_345)
    await producer.add("t", 2, 0)
    request = DescribeTransactionsRequest(["tx", "nobody", ""])
    answer = await describe_transactions.handle(request, context(broker, 0))
    described, unknown, empty = answer.transaction_states
    assert (described.error_code, described.transactional_id) == (0, "tx")
    assert (described.transaction_state, described.transaction_timeout_ms) == ("Ongoing", 12_345)
    assert described.transaction_start_time_ms == clock.now
    assert (described.producer_id, described.producer_epoch) == (producer.producer_id, 0)
    assert [(topic.topic, topic.partitions) for topic in described.topics] == [("t", [0, 2])]
    assert (unknown.error_code, unknown.transactional_id) == (ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, "nobody")
    assert empty.error_code == ErrorCode.INVALID_REQUEST
