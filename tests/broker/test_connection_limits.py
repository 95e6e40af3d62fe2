"""How many connections, and how fast: by broker, listener and address."""

import pytest
import trio
from trio.testing import MockClock

from kbroker.broker.connection_limits import ConnectionLimits
from kbroker.config.broker_config import BrokerConfig


def limits(*listeners: str, addresses: dict[str, float] | None = None, **configs: str) -> ConnectionLimits:
    settings = {name.replace("_", "."): value for name, value in configs.items()}
    return ConnectionLimits(
        BrokerConfig.of(settings), set(listeners or ("PLAINTEXT",)), (addresses or {}).get
    )


async def seconds(one: ConnectionLimits, count: int, listener: str = "PLAINTEXT") -> float:
    start = trio.current_time()
    for _ in range(count):
        await one.turn(listener)
    return trio.current_time() - start


async def test_without_limits_nobody_waits(autojump_clock: MockClock) -> None:
    assert await seconds(limits(), 1000) == 0


async def test_the_brokers_rate(autojump_clock: MockClock) -> None:
    one = limits("A", "B", max_connection_creation_rate="10")
    assert await seconds(one, 100, "A") == 0
    assert 0 < await seconds(one, 1, "B") <= 1  # no longer than a window at once
    assert await seconds(one, 300, "A") == pytest.approx(30, rel=0.25)


async def test_a_listeners_rate_is_its_own(autojump_clock: MockClock) -> None:
    one = limits("A", "B", **{"listener.name.a.max.connection.creation.rate": "1"})
    assert await seconds(one, 30, "A") > 10
    assert await seconds(one, 100, "B") == 0


async def test_no_rate_at_all_is_a_window_each(autojump_clock: MockClock) -> None:
    assert await seconds(limits(max_connection_creation_rate="0"), 5) == 5


async def test_whoever_waits_for_room_goes_on_when_there_is_some(autojump_clock: MockClock) -> None:
    one = limits(max_connections="1")
    await one.turn("PLAINTEXT")
    assert not one.opened("PLAINTEXT", "a")

    async def close() -> None:
        await trio.sleep(0.25)
        one.closed("PLAINTEXT", "a")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(close)
        assert await seconds(one, 1) == 0.25


async def test_between_brokers_nothing_of_the_others_counts(autojump_clock: MockClock) -> None:
    one = limits("CLIENT", "PLAINTEXT", max_connections="1", max_connection_creation_rate="1")
    await one.turn("CLIENT")
    assert not one.opened("CLIENT", "a")
    assert await seconds(one, 1) == 0
    assert one.opened("PLAINTEXT", "b")  # one of the others has to go
    with trio.move_on_after(100) as waited:
        await one.turn("CLIENT")
    assert waited.cancelled_caught


async def test_an_address_over_its_rate_does_not_count_for_others(autojump_clock: MockClock) -> None:
    one = limits(addresses={"a": 1.0}, max_connection_creation_rate="10")
    for _ in range(1000):
        await one.turn("PLAINTEXT")
        one.too_soon_ms("PLAINTEXT", "a")
    assert trio.current_time() - autojump_clock.current_time() == 0
    assert 0 < one.too_soon_ms("PLAINTEXT", "a") <= 1000
    assert one.too_soon_ms("PLAINTEXT", "b") == 0


async def test_connections_of_an_address() -> None:
    one = limits(max_connections_per_ip="1", max_connections_per_ip_overrides="a:b:7, b : 2,")
    one.opened("PLAINTEXT", "a")
    one.opened("PLAINTEXT", "b")
    assert "max.connections.per.ip" in (one.refusal("a") or "")
    assert one.refusal("b") is None
    one.closed("PLAINTEXT", "a")
    assert one.refusal("a") is None
