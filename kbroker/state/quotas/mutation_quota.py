"""The quota of partitions created and deleted (KIP-599): bursts are allowed, and paid back."""

from attrs import define, field

from kbroker.state.quotas.limits import ClientLimits
from kbroker.state.quotas.payers import Payers
from kbroker.state.quotas.token_bucket import TokenBucket


@define(eq=False)
class MutationQuota:
    """Who may change how many partitions a second, and who did."""

    limits: ClientLimits
    samples: int
    window_ms: int
    _payers: Payers[TokenBucket] = field(init=False)

    def __attrs_post_init__(self) -> None:
        burst_ms = self.samples * self.window_ms
        # Who owes tokens may not be forgotten before they are paid, which can take long.
        self._payers = Payers(lambda: TokenBucket(burst_ms / 1000), 3_600_000)

    def exceeded_ms(self, user: str, client_id: str, now_ms: int) -> int:
        """How many ms a client has to wait because of what it did before."""
        found = self.limits.find(user, client_id)
        if found is None:
            return 0
        payer, bound = found
        return self._payers.get(payer, now_ms).debt_ms(bound, now_ms)

    def record(self, user: str, client_id: str, partitions: int, now_ms: int) -> None:
        """Count partitions that were created or deleted."""
        found = self.limits.find(user, client_id)
        if found is not None:
            payer, bound = found
            self._payers.get(payer, now_ms).take(partitions, bound, now_ms)

    def change(self, limits: ClientLimits) -> None:
        """Other limits are in force; what was used still counts."""
        self.limits = limits
        if not limits:
            self._payers.clear()
