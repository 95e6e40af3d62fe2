"""AlterClientQuotas, as recorded from Apache Kafka 4.3.1."""

from pathlib import Path

from kbroker.broker.broker import Broker
from kbroker.embedded import open_broker
from kbroker.handlers import alter_client_quotas
from kbroker.protocol.alter_client_quotas import (
    AlterClientQuotasRequest,
    EntityData,
    OpData,
    RequestEntryData,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.quotas.entity import entity_of

from .conftest import FixedClock, MakeContext, config_of, context, refuse_writes

USER = entity_of([("user", "u")])


def entry(name: str, *ops: OpData) -> RequestEntryData:
    return RequestEntryData([EntityData("user", name)], list(ops))


async def codes(at: MakeContext, *entries: RequestEntryData) -> list[int]:
    response = await alter_client_quotas.handle(AlterClientQuotasRequest(list(entries)), at(1))
    return [one.error_code for one in response.entries]


async def test_set_and_removed(broker: Broker, at: MakeContext) -> None:
    assert await codes(
        at, entry("u", OpData("producer_byte_rate", 5.0), OpData("request_percentage", 1.5))
    ) == [0]
    assert broker.quotas.describe([], strict=False) == {
        USER: {"producer_byte_rate": 5.0, "request_percentage": 1.5}
    }
    assert await codes(at, entry("u", OpData("producer_byte_rate", 0.0, remove=True))) == [0]
    assert broker.quotas.describe([], strict=False) == {USER: {"request_percentage": 1.5}}


async def test_each_entity_has_its_outcome(broker: Broker, at: MakeContext) -> None:
    rate = OpData("producer_byte_rate", 5.0)
    assert await codes(at, entry("u", rate), entry("", rate), entry("v", rate, OpData("x", 1.0))) == [
        0,
        42,
        42,
    ]
    assert broker.quotas.describe([], strict=False).keys() == {USER}


async def test_named_twice_the_first_is_carried_out_but_refused(broker: Broker, at: MakeContext) -> None:
    first, second = OpData("producer_byte_rate", 5.0), OpData("consumer_byte_rate", 6.0)
    assert await codes(at, entry("u", first), entry("u", second)) == [ErrorCode.INVALID_REQUEST]
    assert broker.quotas.describe([], strict=False) == {USER: {"producer_byte_rate": 5.0}}
    assert await codes(at, entry("v", first, first)) == [ErrorCode.INVALID_REQUEST]
    assert broker.quotas.describe([], strict=False).keys() == {USER}


async def test_quotas_survive_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    async with open_broker(config_of(), tmp_path, clock) as broker:
        await codes(lambda version: context(broker, version), entry("u", OpData("producer_byte_rate", 5.0)))
    async with open_broker(config_of(), tmp_path, clock) as broker:
        assert broker.quotas.describe([], strict=False) == {USER: {"producer_byte_rate": 5.0}}
        assert broker.quotas_in_force.enforced


async def test_a_disk_that_refuses(broker: Broker, at: MakeContext) -> None:
    refuse_writes(broker)
    assert await codes(at, entry("u", OpData("producer_byte_rate", 5.0))) == [ErrorCode.KAFKA_STORAGE_ERROR]
