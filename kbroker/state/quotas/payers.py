"""What each payer of a quota has used: bounded in number and size, whatever client ids are sent."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PAYERS = 10_000  # beyond, whoever used the quota longest ago starts anew
LONGEST_NAME = 128  # longer names are told apart by their hash
Payer = tuple[str, str]


class Payers(Generic[T]):
    """A rate or bucket for each user and client id that paid lately: in `idle_ms` all is forgotten."""

    def __init__(self, make: Callable[[], T], idle_ms: int) -> None:
        self._make = make
        self._idle_ms = idle_ms
        self._used: dict[Payer, tuple[T, int]] = {}  # with the time of its last use, longest ago first

    def __len__(self) -> int:
        return len(self._used)

    def get(self, payer: Payer, now_ms: int) -> T:
        """The payer's own; made at first use."""
        user, client_id = payer
        if len(client_id) > LONGEST_NAME:
            payer = user, f"{client_id[:LONGEST_NAME]} {hash(client_id)}"
        found = self._used.pop(payer, None)
        meter = self._make() if found is None else found[0]
        if found is None:
            self._forget(now_ms)
        self._used[payer] = meter, now_ms
        return meter

    def clear(self) -> None:
        """Forget all."""
        self._used.clear()

    def _forget(self, now_ms: int) -> None:
        while self._used:
            payer, (_, used_ms) = next(iter(self._used.items()))
            if now_ms - used_ms <= self._idle_ms and len(self._used) < MAX_PAYERS:
                return
            del self._used[payer]
