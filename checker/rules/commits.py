"""A group's committed offset is what was committed last; it never goes back but by a commit that asked for it.

Each group's partition is a register. A commit without an answer may take effect until the broker is next killed: what
it had received is gone then. Offsets that a transaction brings are committed when its end is asked for.
"""

from collections import defaultdict
from collections.abc import Iterator
from math import inf

from attrs import Factory, define
from histories.events import Event

from rules.violation import Violation

RULE = "committed offsets are those last committed"
NONE_COMMITTED = -1
Key = tuple[str, str, int]


@define(eq=False)
class Commit:
    """One that may be what the register holds. `end`: when it took effect at the latest, inf while that is open."""

    began: float
    end: float
    offset: int


@define
class Register:
    """The commits that may be visible, and for each fetch in progress what it may return."""

    candidates: list[Commit] = Factory(lambda: [Commit(-inf, -inf, NONE_COMMITTED)])
    fetches: dict[tuple[str, int], set[int]] = Factory(dict)

    def begin(self, commit: Commit) -> None:
        """It may be visible from now on."""
        self.candidates.append(commit)
        for allowed in self.fetches.values():
            allowed.add(commit.offset)

    def done(self, commit: Commit) -> None:
        """It is visible: what ended before it began no longer is."""
        self.candidates = [each for each in self.candidates if each.end >= commit.began]


class Commits:
    """Follows every register."""

    def __init__(self) -> None:
        self._registers: dict[Key, Register] = defaultdict(Register)
        self._open: dict[tuple[str, int], list[tuple[Key, Commit]]] = {}
        self._unanswered: list[Commit] = []
        self._found: list[Violation] = []

    def observe(self, event: Event) -> None:
        """Take an event in."""
        if event.kind == "commit" or (event.kind == "end" and event.data["commit"] and event.data["group"]):
            self._commit(event)
        elif event.kind == "committed":
            self._fetch(event)
        elif event.kind == "kill":
            for commit in self._unanswered:
                commit.end = event.at
            self._unanswered.clear()

    def _commit(self, event: Event) -> None:
        operation = event.process, event.operation
        if event.type == "invoke":
            group = event.data["group"]
            begun = self._open[operation] = [
                ((group, topic, partition), Commit(event.at, inf, offset))
                for topic, partition, *_, offset in event.data["offsets"]
            ]
            for key, commit in begun:
                self._registers[key].begin(commit)
            return
        for key, commit in self._open.pop(operation):
            register = self._registers[key]
            if event.type == "unknown":
                self._unanswered.append(commit)
            elif event.type == "fail":
                register.candidates.remove(commit)
            else:
                commit.end = event.at
                register.done(commit)

    def _fetch(self, event: Event) -> None:
        operation, group = (event.process, event.operation), event.data["group"]
        if event.type == "invoke":
            for topic, partition in event.data["partitions"]:
                register = self._registers[group, topic, partition]
                register.fetches[operation] = {each.offset for each in register.candidates}
            return
        found = {(topic, partition): offset for topic, partition, offset in event.data.get("offsets", ())}
        for topic, partition in event.data["partitions"]:
            allowed = self._registers[group, topic, partition].fetches.pop(operation)
            offset = found.get((topic, partition))
            if event.type == "ok" and offset is not None and offset not in allowed:
                text = f"{group}, {topic}-{partition}: {offset} is committed, and should be {sorted(allowed)}"
                self._found.append(Violation(RULE, text, topic, partition, group=group, operation=operation))

    def violations(self) -> Iterator[Violation]:
        """Every fetch that returned what couldn't be."""
        return iter(self._found)
