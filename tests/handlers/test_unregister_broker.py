"""UnregisterBroker: others are not registered, and this one is again at once."""

from kbroker.broker.broker import Broker
from kbroker.handlers import metadata, unregister_broker
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.unregister_broker import UnregisterBrokerRequest

from .conftest import NODE_ID, MakeContext


async def test_a_broker_that_never_was(at: MakeContext) -> None:
    for broker_id in (NODE_ID + 1, -1):
        answer = await unregister_broker.handle(UnregisterBrokerRequest(broker_id), at(0))
        assert answer.error_code == ErrorCode.BROKER_ID_NOT_REGISTERED
        assert str(broker_id) in (answer.error_message or "")


async def test_this_broker_goes_on(broker: Broker, at: MakeContext) -> None:
    await broker.topics.create("t", 1, {})
    assert (await unregister_broker.handle(UnregisterBrokerRequest(NODE_ID), at(0))).error_code == 0
    found = await metadata.handle(MetadataRequest(None), at(12))
    assert [each.node_id for each in found.brokers] == [NODE_ID]
    assert found.topics[0].partitions[0].leader_id == NODE_ID
