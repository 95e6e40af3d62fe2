"""How many connections there may be and how fast new ones may come, by broker, listener and address.

As in Apache Kafka (KIP-402, KIP-612):

- what is over a number or a rate of the broker or a listener is accepted late: the listener waits
- an address over its own rate is kept waiting, then closed; one over its own number is closed at once
- with several listeners the one between brokers is never held up by what comes in on others; instead, the connection
  that was quiet for longest is closed
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import trio

from kbroker.state.quotas.payers import Payers

if TYPE_CHECKING:
    from collections.abc import Callable

    from kbroker.config.broker_config import BrokerConfig
    from kbroker.state.quotas.rate import WindowedRate

UNLIMITED = 2**31 - 1
_LOOK_AGAIN_S = 1.0  # limits may be raised meanwhile
_LEAST_RATE = 1e-9
_BROKER = ""


class ConnectionLimits:
    """Counts the connections of a server, all of whose listeners are named."""

    def __init__(
        self, config: BrokerConfig, listeners: set[str], rate_of_address: Callable[[str], float | None]
    ) -> None:
        self._config = config
        self._rate_of_address = rate_of_address
        self._samples, self._window_ms = (
            config.int("quota.window.num"),
            config.int("quota.window.size.seconds") * 1000,
        )
        between = config.optional_str("inter.broker.listener.name") or config.str(
            "security.inter.broker.protocol"
        )
        self._protected = between.upper() if len(listeners) > 1 else None
        self._rates: defaultdict[str, WindowedRate] = defaultdict(
            self._new_rate
        )  # of the broker and the listeners
        self._address_rates = Payers(self._new_rate, (self._samples + 1) * self._window_ms)
        self._open: Counter[str] = Counter()  # by listener
        self._by_address: Counter[str] = Counter()
        self._closed = trio.Event()

    def _new_rate(self) -> WindowedRate:
        from kbroker.state.quotas.rate import WindowedRate  # few limit rates

        return WindowedRate(self._samples, self._window_ms)

    async def turn(self, listener: str) -> None:
        """Wait until a connection that a listener just accepted may be served."""
        throttle_ms = self._came(listener)
        if throttle_ms:
            await trio.sleep(throttle_ms / 1000)
        while not self._has_room(listener):
            with trio.move_on_after(_LOOK_AGAIN_S):
                await self._closed.wait()

    def too_soon_ms(self, listener: str, address: str) -> int:
        """How long to keep a connection waiting that is then closed, since its address opens too many; 0 for none."""
        limit = self._rate_of_address(address)
        if limit is None:
            return 0
        now_ms = _now_ms()
        rate = self._address_rates.get(("", address), now_ms)
        rate.record(1, now_ms)
        throttle_ms = self._bounded(rate.excess_ms(limit, now_ms))
        if throttle_ms:
            rate.record(-1, now_ms)
            for other, _ in self._limited(listener):
                self._rates[other].record(-1, now_ms)
        return throttle_ms

    def refusal(self, address: str) -> str | None:
        """Why one more connection of an address is closed at once, if it is."""
        config = self._config
        limit = config.int("max.connections.per.ip")
        for override in config.list("max.connections.per.ip.overrides"):
            of, _, number = override.rpartition(":")
            if of.strip() == address:
                limit = int(number)
        if self._by_address[address] >= limit:
            return f"{limit} connections of this address are open (max.connections.per.ip)"
        return None

    def opened(self, listener: str, address: str) -> bool:
        """Count a connection; true if for it one of another listener has to go."""
        self._open[listener] += 1
        self._by_address[address] += 1
        return listener == self._protected and self._open.total() > self._config.int("max.connections")

    def closed(self, listener: str, address: str) -> None:
        """It is gone."""
        self._open[listener] -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        self._closed.set()
        self._closed = trio.Event()

    def _came(self, listener: str) -> int:
        """Count that a connection came; returns how many ms to wait."""
        now_ms, throttle_ms = _now_ms(), 0
        for name, limit in self._limited(listener):
            rate = self._rates[name]
            rate.record(1, now_ms)
            throttle_ms = max(throttle_ms, rate.excess_ms(max(limit, _LEAST_RATE), now_ms))
        return self._bounded(throttle_ms)

    def _limited(self, listener: str) -> list[tuple[str, int]]:
        """Which rates a connection counts for, and what they may be."""
        setting = "max.connection.creation.rate"
        limits = [(listener, self._config.for_listener(listener).int(setting))]
        if listener != self._protected:
            limits.append((_BROKER, self._config.int(setting)))
        return [(name, limit) for name, limit in limits if limit < UNLIMITED]

    def _has_room(self, listener: str) -> bool:
        if self._open[listener] >= self._config.for_listener(listener).int("max.connections"):
            return False
        return listener == self._protected or self._open.total() < self._config.int("max.connections")

    def _bounded(self, throttle_ms: int) -> int:
        return min(throttle_ms, self._window_ms)


def _now_ms() -> int:
    return int(trio.current_time() * 1000)
