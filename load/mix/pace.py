"""How often something is done."""

import random

import trio


class Pace:
    """So many turns a second on average, at random distances, without catching up on what was late."""

    def __init__(self, per_second: float) -> None:
        self._mean_s = 1 / per_second

    async def turn(self) -> None:
        """Wait for the next one."""
        await trio.sleep(random.expovariate(1 / self._mean_s))


def some_seconds(least: float, most: float) -> float:
    """When something is to be over, in trio's time."""
    return trio.current_time() + random.uniform(least, most)
