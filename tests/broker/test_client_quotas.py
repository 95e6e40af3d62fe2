"""A broker's quotas: stored, then in force."""

from pathlib import Path

import pytest

from kbroker.broker.client_quotas import ClientQuotas
from kbroker.broker.quotas_in_force import QuotasInForce
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import entity_of
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.quota_store import SqliteQuotaStore

USER = entity_of([("user", "u")])


def quotas_on(database: Database) -> ClientQuotas:
    return ClientQuotas(BrokerConfig.of(), SqliteQuotaStore(database), QuotasInForce())


async def test_in_force_at_once_and_after_a_restart(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "db")
    quotas = quotas_on(database)
    await quotas.load()
    assert not quotas.in_force.enforced
    outcomes = await quotas.alter([(USER, {"producer_byte_rate": 1000.0})], validate_only=False)
    assert outcomes == {USER: None}
    assert quotas.in_force.enforced
    assert quotas.produce.record("u", "c", 11_000, 0) == 1000
    database.close()

    database = Database.open(tmp_path / "db")
    again = quotas_on(database)
    await again.load()
    assert again.in_force.enforced
    assert again.describe([], strict=False) == {USER: {"producer_byte_rate": 1000.0}}
    await again.alter([(USER, {"producer_byte_rate": None})], validate_only=False)
    assert not again.in_force.enforced
    database.close()


async def test_validated_only() -> None:
    database = Database.open(":memory:")
    quotas = quotas_on(database)
    assert await quotas.alter([(USER, {"producer_byte_rate": 1.0})], validate_only=True) == {USER: None}
    assert quotas.describe([], strict=False) == {}
    assert await SqliteQuotaStore(database).load() == {}
    database.close()


async def test_what_the_disk_refuses_is_not_in_force() -> None:
    database = Database.open(":memory:")
    quotas = quotas_on(database)
    database.connection.execute("PRAGMA query_only=ON")
    with pytest.raises(KafkaError):
        await quotas.alter([(USER, {"producer_byte_rate": 1.0})], validate_only=False)
    assert not quotas.in_force.enforced
    assert quotas.describe([], strict=False) == {}
    database.close()


async def test_connection_rates_by_address() -> None:
    database = Database.open(":memory:")
    quotas = quotas_on(database)
    assert quotas.in_force.connection_rate("127.0.0.1") is None
    local, any_other = entity_of([("ip", "localhost")]), entity_of([("ip", None)])
    await quotas.alter([(local, {"connection_creation_rate": 5.0})], validate_only=False)
    assert quotas.in_force.connection_rate("127.0.0.1") == 5.0
    assert quotas.in_force.connection_rate("127.0.0.2") is None
    assert not quotas.in_force.enforced  # requests are not limited
    await quotas.alter([(any_other, {"connection_creation_rate": 7.0})], validate_only=False)
    assert quotas.in_force.connection_rate("127.0.0.2") == 7.0
    await quotas.alter([(local, {"connection_creation_rate": None})], validate_only=False)
    assert quotas.in_force.connection_rate("127.0.0.1") == 7.0
    database.close()


async def test_a_host_that_is_gone_after_a_restart_does_not_stop_the_broker(
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Database.open(":memory:")
    lost = entity_of([("ip", "no such host.")])
    await SqliteQuotaStore(database).change({lost: {"connection_creation_rate": 1.0}})
    quotas = quotas_on(database)
    await quotas.load()
    assert "no such host." in caplog.text
    assert quotas.in_force.connection_rate("127.0.0.1") is None
    assert lost in quotas.describe([], strict=False)
    outcomes = await quotas.alter([(lost, {"connection_creation_rate": None})], validate_only=False)
    assert outcomes[lost] is not None
    database.close()


async def test_the_windows_are_as_configured() -> None:
    database = Database.open(":memory:")
    config = BrokerConfig.of(
        {
            "quota.window.num": "3",
            "quota.window.size.seconds": "2",
            "controller.quota.window.num": "5",
            "controller.quota.window.size.seconds": "4",
        }
    )
    quotas = ClientQuotas(config, SqliteQuotaStore(database), QuotasInForce())
    limits: dict[str, float | None] = {
        "producer_byte_rate": 100.0,
        "request_percentage": 1.0,
        "controller_mutation_rate": 1.0,
    }
    await quotas.alter([(USER, limits)], validate_only=False)
    assert quotas.produce.record("u", "c", 400, 0) == 0  # two windows of two seconds each
    assert quotas.produce.record("u", "c", 40, 0) == 400
    assert quotas.request.record("u", "c", 1e6, 0) == 2000  # one window at most
    quotas.mutation.record("u", "c", 21, 0)
    assert quotas.mutation.exceeded_ms("u", "c", 0) == 1000
    database.close()
