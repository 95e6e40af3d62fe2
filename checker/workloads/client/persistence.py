"""Coming back after errors."""

import time
from collections.abc import Callable
from typing import TypeVar

from workloads.client.adapter import ClientError

T = TypeVar("T")
STUCK_AFTER_S = 60.0


def until_done(what: str, action: Callable[[], T]) -> T:
    """Try until it works. Raises RuntimeError after longer than any fault lasts."""
    deadline = time.monotonic() + STUCK_AFTER_S
    while True:
        try:
            return action()
        except ClientError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what}: {error}") from error
            time.sleep(0.05)
