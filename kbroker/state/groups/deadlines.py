"""Deadlines of one group, of which most are moved many times before one is ever met."""

from collections.abc import Iterator
from heapq import heappop, heappush

from attrs import Factory, define

Key = tuple[str, str]


@define
class Deadlines:
    """At most one deadline a key.

    Heartbeats move deadlines all the time, so moving one later is a dict write: the heap keeps the old time
    and is put right when that time comes up.
    """

    _at: dict[Key, float] = Factory(dict)
    _heap: list[tuple[float, Key]] = Factory(list)
    _queued: dict[Key, float] = Factory(dict)  # earliest time at which a key stands in the heap

    def set(self, key: Key, at: float) -> None:
        """Set or move the deadline of `key`."""
        self._at[key] = at
        queued = self._queued.get(key)
        if queued is None or at < queued:
            self._queued[key] = at
            heappush(self._heap, (at, key))

    def cancel(self, key: Key) -> None:
        """Forget the deadline of `key`, if there is one."""
        self._at.pop(key, None)

    def next(self) -> float | None:
        """When the earliest deadline is."""
        heap = self._heap
        while heap:
            at, key = heap[0]
            actual = self._at.get(key)
            if actual == at:
                return at
            heappop(heap)
            if self._queued.get(key) == at:
                del self._queued[key]
                if actual is not None:
                    self.set(key, actual)
        return None

    def expired(self, now: float) -> Iterator[Key]:
        """Take out deadlines that have come, earliest first. Others may be set or cancelled meanwhile."""
        while (at := self.next()) is not None and at <= now:
            _, key = heappop(self._heap)
            del self._at[key]
            del self._queued[key]
            yield key
