"""Coming back after errors."""

from collections.abc import Callable
from typing import TypeVar

from workloads.client.adapter import ClientError
from workloads.patience import Patience

T = TypeVar("T")


def until_done(what: str, action: Callable[[], T]) -> T:
    """Try until it works. Raises StuckError if it doesn't, though faults have ended."""
    patience = Patience(what)
    while True:
        try:
            return action()
        except ClientError as error:
            patience.wait(error)
