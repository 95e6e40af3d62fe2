"""A broker without a server: handlers are called as the dispatcher would call them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.context import Connection, Endpoint, RequestContext
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker

NODE_ID = 1

MakeContext = Callable[[int], RequestContext]


class FixedClock:
    """Stands still until a test moves it."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now


def config_of(settings: dict[str, str] | None = None) -> BrokerConfig:
    """The config of node 1."""
    return BrokerConfig.of({"node.id": str(NODE_ID), **(settings or {})})


def context(broker: Broker, api_version: int) -> RequestContext:
    """A request of some client that came in on localhost:9092."""

    async def before_wait() -> None:
        pass

    connection = Connection(1, "PLAINTEXT", Endpoint("localhost", 9092), "127.0.0.1")
    return RequestContext(broker, connection, 0, api_version, 1, "test", before_wait)


def refuse_writes(broker: Broker) -> None:
    """Have the database refuse what is written to it from now on, as on a disk that fails."""
    broker._stores.meta._database.connection.execute("PRAGMA query_only=ON")  # type: ignore[attr-defined]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def settings() -> dict[str, str]:
    """What the broker is configured with; a test module may have its own."""
    return {}


@pytest.fixture
async def broker(tmp_path: Path, clock: FixedClock, settings: dict[str, str]) -> AsyncIterator[Broker]:
    async with open_broker(config_of(settings), tmp_path, clock) as broker:
        yield broker


@pytest.fixture
def at(broker: Broker) -> MakeContext:
    """The context of a request of some version."""
    return lambda api_version: context(broker, api_version)
