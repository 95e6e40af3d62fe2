"""AddOffsetsToTxn: the group's partition of `__consumer_offsets` is in the transaction."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import add_offsets_to_txn
from kbroker.protocol.add_offsets_to_txn import AddOffsetsToTxnRequest
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.java_strings import partition_for

from .conftest import context
from .transacting import Producer


async def test_the_groups_partition_is_added(broker: Broker) -> None:
    producer = await Producer(broker).begin()
    request = AddOffsetsToTxnRequest("tx", producer.producer_id, producer.epoch, "g")
    assert (await add_offsets_to_txn.handle(request, context(broker, 4))).error_code == 0
    transaction = broker.transactions.get("tx")
    assert transaction is not None
    assert transaction.partitions == {("__consumer_offsets", partition_for("g", 50))}


@pytest.mark.parametrize(
    ("version", "code"), [(1, ErrorCode.INVALID_PRODUCER_EPOCH), (2, ErrorCode.PRODUCER_FENCED)]
)
async def test_a_fenced_producer_is_told_as_its_version_knows_it(
    broker: Broker, version: int, code: ErrorCode
) -> None:
    producer = await Producer(broker).begin()
    request = AddOffsetsToTxnRequest("tx", producer.producer_id, producer.epoch + 1, "g")
    assert (await add_offsets_to_txn.handle(request, context(broker, version))).error_code == code


async def test_an_unknown_transactional_id(broker: Broker) -> None:
    request = AddOffsetsToTxnRequest("nobody", 1, 0, "g")
    answer = await add_offsets_to_txn.handle(request, context(broker, 4))
    assert answer.error_code == ErrorCode.INVALID_PRODUCER_ID_MAPPING
