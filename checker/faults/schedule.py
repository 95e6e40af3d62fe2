"""Which fault comes when: all of it from a seed. Pure."""

import random
from collections.abc import Iterator

from attrs import define

SOON_AFTER_START_S = (0.0, 0.15)  # within the broker's start, so that recovery is interrupted, too
PAUSE_S = (0.05, 0.6)
KILLS_IN_RECOVERY = 0.15
OTHERS_FOR_A_KILL = 0.6
LEAST_OTHERS_A_SECOND = 0.3


@define
class Fault:
    """One fault, `after` so many seconds from the one before. `kind`: kill, pause, cut or cut_all."""

    after: float
    kind: str
    seconds: float = 0.0  # of a pause
    which: int = 0  # of the connections, counted round
    in_start: bool = False


def schedule(seed: int, seconds: float, kills: int) -> Iterator[Fault]:
    """Faults that bring about so many kills in so many seconds, and at that rate others without end."""
    rng = random.Random(f"faults {seed}")
    kills_a_second = kills / seconds
    others_a_second = max(LEAST_OTHERS_A_SECOND, kills_a_second * OTHERS_FOR_A_KILL)
    left = kills
    apart = (1 - KILLS_IN_RECOVERY) * kills_a_second + others_a_second
    while True:
        after = rng.uniform(0.3, 1.7) / apart
        if rng.random() < others_a_second / apart:
            kind = rng.choice(("pause", "pause", "cut", "cut", "cut_all", "restart"))
            yield Fault(
                after, kind, rng.uniform(*PAUSE_S) if kind == "pause" else 0.0, rng.randrange(1 << 16)
            )
            continue
        if left > 0:
            left -= 1
            yield Fault(after, "kill")
        while left > 0 and rng.random() < KILLS_IN_RECOVERY:
            left -= 1
            yield Fault(rng.uniform(*SOON_AFTER_START_S), "kill", in_start=True)
