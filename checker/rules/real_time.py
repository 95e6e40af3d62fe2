"""What was acknowledged before something was begun has an effect on it.

An append has a higher offset than those that were acknowledged before it began. A read is told a high watermark
beyond all of them, and beyond that of reads that ended before; the log's start doesn't go back either.
"""

from collections import defaultdict
from collections.abc import Iterator

from histories.events import Event

from rules.violation import Violation

RULE = "real-time order"


class RealTime:
    """Keeps one floor for each partition and open operation."""

    def __init__(self) -> None:
        self._end: dict[tuple[str, int], int] = defaultdict(int)  # beyond what is known to be in the log
        self._start: dict[tuple[str, int], int] = defaultdict(int)
        self._floors: dict[tuple[str, int], tuple[int, int]] = {}  # by operation
        self._found: list[Violation] = []

    def observe(self, event: Event) -> None:
        """Take an event in."""
        if event.kind not in {"append", "read"}:
            return
        data, operation = event.data, (event.process, event.operation)
        where = data["topic"], data["partition"]
        if event.type == "invoke":
            self._floors[operation] = self._end[where], self._start[where]
            return
        end, start = self._floors.pop(operation, (0, 0))
        if event.type != "ok" or data.get("offset") == -1:
            return
        if event.kind == "append":
            if data["offset"] < end:
                self._find(
                    event, data["offset"], f"appended at {data['offset']} although {end} was reached before"
                )
            self._end[where] = max(self._end[where], data["offset"] + data["count"])
            return
        if "high" not in data:
            return  # clients that read ahead can't tell
        if data["high"] < end:
            self._find(
                event,
                data["high"],
                f"the high watermark is {data['high']}, although {end} was reached before",
            )
        if data["start"] < start:
            self._find(
                event, data["start"], f"the log begins at {data['start']}, and began at {start} before"
            )
        self._end[where] = max(self._end[where], data["high"])
        self._start[where] = max(self._start[where], data["start"])

    def _find(self, event: Event, offset: int, text: str) -> None:
        topic, partition = event.data["topic"], event.data["partition"]
        operation = event.process, event.operation
        self._found.append(
            Violation(RULE, f"{topic}-{partition}: {text}", topic, partition, offset, operation=operation)
        )

    def violations(self) -> Iterator[Violation]:
        """Everything that came too early."""
        return iter(self._found)
