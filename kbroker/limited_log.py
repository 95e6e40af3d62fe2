"""Log lines that a client can cause at will, limited by cause so that they can't fill a disk or hide the rest."""

import logging

import trio

INTERVAL_S = 10.0
MAX_CAUSES = 1000  # a client that invents causes must not fill the memory either


class LimitedLog:
    """Writes the first line of each cause at once, then one an interval with a count of those held back."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._last: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def warning(self, cause: str, message: str, *args: object) -> None:
        """Log `message % args` as a warning unless `cause` was just logged."""
        now = trio.current_time()
        last = self._last.get(cause)
        if last is not None and now - last < INTERVAL_S:
            self._held_back[cause] = self._held_back.get(cause, 0) + 1
            return
        if last is None and len(self._last) >= MAX_CAUSES:
            self._last.clear()
            self._held_back.clear()
        self._last[cause] = now
        held_back = self._held_back.pop(cause, 0)
        if held_back:
            message += " (and %d more like it)"
            args = (*args, held_back)
        self._logger.warning(message, *args)
