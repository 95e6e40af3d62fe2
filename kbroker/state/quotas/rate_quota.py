"""One kind of quota that is a rate: bytes in, bytes out, request time."""

from attrs import define, field

from kbroker.state.quotas.limits import ClientLimits
from kbroker.state.quotas.payers import Payers
from kbroker.state.quotas.rate import MAX_THROTTLE_MS, WindowedRate

UNLIMITED = float("inf")


@define(eq=False)
class RateQuota:
    """Who may use how much a second, and who did. `max_throttle_ms` is the longest that anyone has to wait at once."""

    limits: ClientLimits
    samples: int
    window_ms: int
    max_throttle_ms: int = MAX_THROTTLE_MS
    _payers: Payers[WindowedRate] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._payers = Payers(
            lambda: WindowedRate(self.samples, self.window_ms), (self.samples + 1) * self.window_ms
        )

    def record(self, user: str, client_id: str, value: float, now_ms: int) -> int:
        """Count what a client used; returns how many ms it has to wait."""
        found = self.limits.find(user, client_id)
        if found is None:
            return 0
        payer, bound = found
        rate = self._payers.get(payer, now_ms)
        rate.record(value, now_ms)
        return min(rate.excess_ms(bound, now_ms), self.max_throttle_ms)

    def take_back(self, user: str, client_id: str, value: float, now_ms: int) -> None:
        """Undo `record`: the client did not get what was counted."""
        found = self.limits.find(user, client_id)
        if found is not None:
            self._payers.get(found[0], now_ms).record(-value, now_ms)

    def window_allowance(self, user: str, client_id: str) -> float:
        """What a client that was quiet for long can use at once without having to wait."""
        found = self.limits.find(user, client_id)
        return UNLIMITED if found is None else found[1] * (self.samples - 1) * self.window_ms / 1000

    def change(self, limits: ClientLimits) -> None:
        """Other limits are in force; what was used still counts."""
        self.limits = limits
        if not limits:
            self._payers.clear()
