"""What every request and every connection asks of quotas, mostly to hear that there are none."""


class QuotasInForce:
    """Kept up to date by `ClientQuotas`, which need not be there until some quota is.

    `enforced` says whether clients have quotas: else nothing need be counted.
    """

    def __init__(self) -> None:
        self.enforced = False
        self.connection_rates: dict[str | None, float] = {}  # by address; None: all others

    def connection_rate(self, address: str) -> float | None:
        """How many connections a second an address may open; None for no limit."""
        rates = self.connection_rates
        return rates.get(address, rates.get(None)) if rates else None
