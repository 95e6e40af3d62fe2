"""DescribeClientQuotas, as recorded from Apache Kafka 4.3.1."""

from kbroker.broker.broker import Broker
from kbroker.handlers import describe_client_quotas
from kbroker.protocol.describe_client_quotas import (
    ComponentData,
    DescribeClientQuotasRequest,
    EntityData,
    ValueData,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.quotas.entity import entity_of

from .conftest import MakeContext


async def test_entities_with_their_quotas(broker: Broker, at: MakeContext) -> None:
    both = entity_of([("user", "u"), ("client-id", None)])
    await broker.quotas.alter([(both, {"producer_byte_rate": 5.0})], validate_only=False)
    request = DescribeClientQuotasRequest([ComponentData("user", 0, "u")])
    response = await describe_client_quotas.handle(request, at(1))
    assert response.entries is not None
    (entry,) = response.entries
    assert entry.entity == [EntityData("client-id", None), EntityData("user", "u")]
    assert entry.values == [ValueData("producer_byte_rate", 5.0)]
    request.strict = True
    assert (await describe_client_quotas.handle(request, at(1))).entries == []


async def test_a_bad_filter_has_no_entries(at: MakeContext) -> None:
    request = DescribeClientQuotasRequest([ComponentData("group", 0, "u")])
    response = await describe_client_quotas.handle(request, at(1))
    assert (response.error_code, response.entries) == (ErrorCode.UNSUPPORTED_VERSION, None)
    assert response.error_message
