"""In one generation of a group a partition has one owner, and who is of an earlier generation can't commit."""

from collections import defaultdict
from collections.abc import Iterator

from histories.events import Event

from rules.violation import Violation

RULE = "a partition has one owner in a generation"
FENCED = "a commit of an earlier generation is refused"


class Groups:
    """Keeps the owners by generation."""

    def __init__(self) -> None:
        self._owners: dict[tuple[str, int, str, int], str] = {}
        self._generation: dict[str, int] = defaultdict(lambda: -1)
        self._at_begin: dict[tuple[str, int], int] = {}
        self._found: list[Violation] = []

    def observe(self, event: Event) -> None:
        """Take an event in."""
        if event.kind == "owned" and event.type == "ok":
            self._owned(event)
        elif event.kind == "commit" and event.data.get("generation") is not None:
            self._commit(event)

    def _owned(self, event: Event) -> None:
        data = event.data
        group, generation, member = data["group"], data["generation"], data["member"]
        for topic, partition in data["owned"]:
            owner = self._owners.setdefault((group, generation, topic, partition), member)
            if owner != member:
                text = (
                    f"{group}, generation {generation}: {topic}-{partition} is owned by {owner} and {member}"
                )
                self._find(RULE, text, event)
        self._generation[group] = max(self._generation[group], generation)

    def _commit(self, event: Event) -> None:
        operation, group = (event.process, event.operation), event.data["group"]
        if event.type == "invoke":
            self._at_begin[operation] = self._generation[group]
            return
        newest = self._at_begin.pop(operation)
        if event.type == "ok" and event.data["generation"] < newest:
            text = f"{group}: a commit of generation {event.data['generation']} was taken in {newest}"
            self._find(FENCED, text, event)

    def _find(self, rule: str, text: str, event: Event) -> None:
        operation = event.process, event.operation
        self._found.append(Violation(rule, text, group=event.data["group"], operation=operation))

    def violations(self) -> Iterator[Violation]:
        """Everything found."""
        return iter(self._found)
