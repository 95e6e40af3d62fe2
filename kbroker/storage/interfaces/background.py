"""How long jobs of a store run beside everything else."""

from collections.abc import Callable
from typing import Protocol


class Background(Protocol):
    """How a long job of a store runs beside everything else; only the broker knows what else there is to do."""

    async def pause(self) -> None:
        """Awaited about every 100 µs of work; suspends when it is the turn of others."""
        ...

    async def run_blocking(self, call: Callable[[], None]) -> None:
        """Run what waits for the disk where it keeps nobody waiting."""
        ...

    async def throttle(self, size: int, bytes_per_second: float) -> None:
        """Awaited after `size` bytes of work: suspends for as long as they may take at that rate."""
        ...


class _AtOnce:
    """Suspends nothing: for jobs that have nothing beside them."""

    async def pause(self) -> None:
        """Go on."""

    async def run_blocking(self, call: Callable[[], None]) -> None:
        """Block."""
        call()

    async def throttle(self, size: int, bytes_per_second: float) -> None:
        """Go on."""


AT_ONCE = _AtOnce()
