"""Log lines that a client can cause at will, limited by cause so that they can't fill a disk or hide the rest."""

import logging
from collections.abc import Callable
from time import monotonic

INTERVAL_S = 10.0
MAX_CAUSES = 1000  # an interval; what a client invents beyond them counts as one
_OTHERS = ""


class LimitedLog:
    """Writes the first line of each cause at once, then one an interval that says how many there were since."""

    def __init__(self, logger: logging.Logger, now: Callable[[], float] = monotonic) -> None:
        """`now`: seconds of a clock that never jumps."""
        self._logger = logger
        self._now = now
        self._last: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    def info(self, cause: str, message: str, *args: object) -> None:
        """Log `message % args` for information unless `cause` was just logged."""
        self._log(cause, message, args, level=logging.INFO)

    def warning(self, cause: str, message: str, *args: object) -> None:
        """Log `message % args` as a warning unless `cause` was just logged."""
        self._log(cause, message, args, level=logging.WARNING)

    def error(self, cause: str, message: str, *args: object) -> None:
        """Log `message % args` as an error unless `cause` was just logged."""
        self._log(cause, message, args, level=logging.ERROR)

    def exception(self, cause: str, message: str, *args: object) -> None:
        """Log an error with the exception at hand unless `cause` was just logged."""
        self._log(cause, message, args, level=logging.ERROR, exc_info=True)

    def _log(
        self,
        cause: str,
        message: str,
        args: tuple[object, ...],
        *,
        level: int,
        exc_info: bool = False,
    ) -> None:
        now = self._now()
        cause = self._known(cause, now)
        last = self._last.get(cause)
        if last is not None and now - last < INTERVAL_S:
            self._held_back[cause] = self._held_back.get(cause, 0) + 1
            return
        self._last[cause] = now
        held_back = self._held_back.pop(cause, 0)
        if last is not None and held_back:
            message += " (%d such in all within %.0f s)"
            args = (*args, held_back + 1, now - last)
        self._logger.log(level, message, *args, exc_info=exc_info)

    def _known(self, cause: str, now: float) -> str:
        """The cause, or _OTHERS if there were too many others lately."""
        if cause in self._last or len(self._last) < MAX_CAUSES:
            return cause
        self._last = {name: last for name, last in self._last.items() if now - last < INTERVAL_S}
        self._held_back = {name: count for name, count in self._held_back.items() if name in self._last}
        return cause if len(self._last) < MAX_CAUSES else _OTHERS
