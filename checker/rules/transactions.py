"""Readers of committed data see whole transactions that were committed, and nothing of others.

While the broker works they see nothing before its commit was asked for, and skip nothing of it. In the end all of a
transaction is there, in all partitions, or nothing; where it copied input in a group's name, the ranges of input whose
copies are there lie side by side, from the first offset to what the group has committed.
"""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from attrs import Factory, define
from histories.events import Event
from histories.identity import unpacked

from rules.logs import NOTHING, Ints, Logs
from rules.violation import Violation

RULE = "transactions are atomic and isolated"
EXACTLY_ONCE = "input is copied exactly once"
OPEN, REQUESTED, COMMITTED, ABORTED = range(4)
Range = tuple[int, int, int, int]  # from, to, producer, index of the transaction


@define
class Transactions:
    """The transactions of one producer, whose numbers are one after the other. Arrays by transaction."""

    firsts: Ints = Factory(lambda: array("q"))
    states: bytearray = Factory(bytearray)
    sent: Ints = Factory(lambda: array("q"))
    acknowledged: Ints = Factory(lambda: array("q"))
    visible: Ints = Factory(lambda: array("q"))
    index: dict[int, int] = Factory(dict)  # by the transaction's name in the history

    def add(self, name: int, first: int) -> int:
        """Return the index of a transaction, which may be new."""
        if name not in self.index:
            self.index[name] = len(self.firsts)
            self.firsts.append(first)
            self.states.append(OPEN)
            for each in (self.sent, self.acknowledged, self.visible):
                each.append(0)
        return self.index[name]

    def of(self, number: int) -> int:
        """The index of the transaction that a record belongs to; -1 before the first."""
        return bisect_right(self.firsts, number) - 1


class Atomicity:
    """Follows each transaction, and the committed reads."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._of: dict[int, Transactions] = defaultdict(Transactions)
        self._inputs: dict[tuple[str, str, int], list[Range]] = defaultdict(list)  # by group and partition
        self._committed: dict[tuple[str, str, int], int] = {}
        self._found: list[Violation] = []

    def observe(self, event: Event) -> None:
        """Take an event in."""
        data = event.data
        if event.kind == "append" and data.get("transaction") is not None:
            self._append(event)
        elif event.kind == "end":
            self._end(event)
        elif event.kind == "read" and event.type == "ok" and data["isolation"] == "committed":
            self._read(event)
        elif event.kind == "committed" and event.type == "ok" and data.get("final"):
            for topic, partition, offset in data["offsets"]:
                self._committed[data["group"], topic, partition] = offset

    def _append(self, event: Event) -> None:
        data = event.data
        transactions = self._of[data["producer"]]
        index = transactions.add(data["transaction"], data["first"])
        if event.type == "invoke":
            transactions.sent[index] += data["count"]
        elif event.type == "ok":
            transactions.acknowledged[index] += data["count"]

    def _end(self, event: Event) -> None:
        data = event.data
        transactions = self._of[data["producer"]]
        index = transactions.index.get(data["transaction"])
        if index is None:
            return  # nothing was appended in it
        if not data["commit"] or event.type == "fail":
            transactions.states[index] = ABORTED
        elif event.type == "invoke":
            transactions.states[index] = REQUESTED
            for topic, partition, start, end in data["offsets"]:
                self._inputs[data["group"], topic, partition].append((start, end, data["producer"], index))
        elif event.type == "ok":
            transactions.states[index] = COMMITTED

    def _read(self, event: Event) -> None:
        data = event.data
        for offset, producer, first, count in data["runs"]:
            transactions = self._of.get(producer)
            if transactions is None:
                continue
            for number in range(first, first + count):
                index = transactions.of(number)
                if index < 0 or transactions.states[index] in {OPEN, ABORTED}:
                    how = (
                        "before its commit was asked for"
                        if index < 0 or not transactions.states[index]
                        else "aborted"
                    )
                    self._find(
                        f"{data['topic']}-{data['partition']}@{offset + number - first}: record "
                        f"({producer}, {number}) is visible, {how}",
                        event, offset + number - first, producer, number,
                    )  # fmt: skip
                elif data.get("final"):
                    transactions.visible[index] += 1

    def _find(self, text: str, event: Event, offset: int, producer: int, number: int) -> None:
        topic, partition = event.data["topic"], event.data["partition"]
        operation = event.process, event.operation
        self._found.append(
            Violation(RULE, text, topic, partition, offset, producer, number, operation=operation)
        )

    def violations(self) -> Iterator[Violation]:
        """What was seen too early, then what is partial, skipped, or copied more or less than once."""
        yield from self._found
        yield from self._partial()
        yield from self._skipped()
        yield from self._copies()

    def _partial(self) -> Iterator[Violation]:
        for producer, each in self._of.items():
            for index, state in enumerate(each.states):
                visible, least, most = each.visible[index], each.acknowledged[index], each.sent[index]
                whole = least <= visible <= most
                if (state == COMMITTED and not whole) or (state == REQUESTED and visible and not whole):
                    text = f"{visible} records of {least} are visible"
                    name = next(name for name, place in each.index.items() if place == index)
                    yield Violation(
                        RULE, f"transaction {name} of producer {producer}: {text}",
                        producer=producer, number=each.firsts[index],
                    )  # fmt: skip

    def _skipped(self) -> Iterator[Violation]:
        for (topic, partition), log in self._logs.partitions.items():
            for offset in log.passed("committed"):
                record = log.record_at(offset)
                if record == NOTHING:
                    continue
                producer, number = unpacked(record)
                transactions = self._of.get(producer)
                index = transactions.of(number) if transactions else -1
                if transactions and index >= 0 and transactions.states[index] == COMMITTED:
                    text = f"{topic}-{partition}@{offset}: a reader passed a record that was committed"
                    yield Violation(RULE, text, topic, partition, offset, producer, number)

    def _copies(self) -> Iterator[Violation]:
        for (group, topic, partition), ranges in self._inputs.items():
            position = 0
            there = sorted(each for each in ranges if self._of[each[2]].visible[each[3]])
            for start, end, producer, index in there:
                if start != position:
                    text = f"{group}, {topic}-{partition}: copied up to {position}, then from {start}"
                    number = self._of[producer].firsts[index]
                    yield Violation(EXACTLY_ONCE, text, topic, partition, position, producer, number, group)
                position = end
            committed = self._committed.get((group, topic, partition))
            if committed is not None and max(committed, 0) != position:
                text = f"{group}, {topic}-{partition}: {committed} is committed, copied is up to {position}"
                yield Violation(EXACTLY_ONCE, text, topic, partition, position, group=group)
