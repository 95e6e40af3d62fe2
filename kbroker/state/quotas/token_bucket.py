"""A bucket of tokens that fills at the quota's rate: bursts are allowed, and what they took is paid back (KIP-599)."""

from attrs import define

from kbroker.state.quotas.rate import MAX_THROTTLE_MS


@define(eq=False)
class TokenBucket:
    """Tokens that are left; full at first. Times are in ms and never go back."""

    burst_s: float  # it holds what comes in so many seconds
    _tokens: float = float("inf")
    _updated_ms: int = 0

    def take(self, count: float, rate: float, now_ms: int) -> None:
        """Take `count` tokens, whether they are there or not."""
        self._tokens = min(rate * self.burst_s, self._refill(rate, now_ms) - count)

    def debt_ms(self, rate: float, now_ms: int) -> int:
        """How long it takes at `rate` tokens a second until none is owed; 0 if none is."""
        tokens = self._refill(rate, now_ms)
        return int(min(-tokens / rate * 1000 + 0.5, MAX_THROTTLE_MS)) if tokens < 0 else 0

    def _refill(self, rate: float, now_ms: int) -> float:
        self._tokens = min(rate * self.burst_s, self._tokens + rate * (now_ms - self._updated_ms) / 1000)
        self._updated_ms = now_ms
        return self._tokens
