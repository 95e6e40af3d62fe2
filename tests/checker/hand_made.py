"""Histories made by hand: events one after the other, each a millisecond later."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from histories.events import Event, joined
from rules.judge import judge

TOPIC = "t"
Run = Sequence[int]


class History:
    """Grows by one event a call; operations are completed at once unless they are left open with `begin`."""

    def __init__(
        self, *, keys: int = 0, trimmed: bool = False, transactional: bool = False, idempotent: bool = True
    ) -> None:
        self.lines: list[dict[str, Any]] = []
        self._operations = 0
        self.info("topic", topic=TOPIC, keys=keys, trimmed=trimmed, transactional=transactional)
        for producer in (1, 2):
            self.info("producer", producer=producer, idempotent=idempotent, transactional=transactional)

    def _add(self, how: str, operation: int, kind: str, data: dict[str, Any]) -> None:
        at = (len(self.lines) + 1) * 1_000_000
        self.lines.append(
            {"at": at, "process": "p", "operation": operation, "type": how, "kind": kind} | data
        )

    def info(self, kind: str, **data: Any) -> None:
        self._add("info", 0, kind, data)

    def begin(self, kind: str, **data: Any) -> int:
        self._operations += 1
        self._add("invoke", self._operations, kind, data)
        return self._operations

    def end(self, operation: int, how: str = "ok", **data: Any) -> None:
        kind = next(line["kind"] for line in self.lines if line["operation"] == operation)
        self._add(how, operation, kind, data)

    def do(self, kind: str, how: str = "ok", told: dict[str, Any] | None = None, **data: Any) -> None:
        self.end(self.begin(kind, **data), how, **(told or {}))

    def begin_append(
        self,
        first: int,
        count: int = 1,
        *,
        producer: int = 1,
        partition: int = 0,
        transaction: int | None = None,
    ) -> int:
        more = {} if transaction is None else {"transaction": transaction}
        return self.begin(
            "append", topic=TOPIC, partition=partition, producer=producer, first=first, count=count, **more
        )

    def append(self, first: int, offset: int, count: int = 1, **data: Any) -> None:
        self.end(self.begin_append(first, count, **data), offset=offset, count=count)

    def read(
        self, runs: Sequence[Run], start: int = 0, after: int | None = None, *, partition: int = 0,
        committed: bool = False, high: int | None = None, log_start: int = 0, final: bool = True,
    ) -> None:  # fmt: skip
        end = after if after is not None else max((run[0] + run[3] for run in runs), default=start)
        told = {"runs": runs, "next": end, "high": end if high is None else high, "start": log_start}
        isolation = "committed" if committed else "uncommitted"
        more = {"final": True} if final else {}
        self.do(
            "read",
            told=told,
            topic=TOPIC,
            partition=partition,
            isolation=isolation,
            **{"from": start},
            **more,
        )

    def commit(self, offset: int, how: str = "ok", generation: int | None = None) -> None:
        self.do("commit", how, group="g", generation=generation, offsets=[[TOPIC, 0, offset]])

    def committed(self, offset: int, *, final: bool = False) -> None:
        more = {"final": True} if final else {}
        self.do(
            "committed", told={"offsets": [[TOPIC, 0, offset]]}, group="g", partitions=[[TOPIC, 0]], **more
        )

    def events(self) -> Iterator[Event]:
        return joined(as_lines(self.lines))

    def broken(self) -> list[str]:
        """The rules that are broken, each once."""
        return sorted({violation.rule for violation in judge(self.events()).violations})


def as_lines(events: Sequence[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(event) + "\n" for event in events)
