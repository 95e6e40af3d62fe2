"""Stories of one transactional id, a line for each request: what was asked, and what came of it.

    init [id/epoch] | add partition… | end2 commit id/epoch | done | fence

The numbers after `end` and `add` are the transaction version that the client speaks; `done` is when all markers are
written. What comes of it is a line `state producer/epoch last=… prev=… next=… [partitions]`, or an error's name.
"""

from kbroker.protocol.errors import KafkaError
from kbroker.state.transactions.end import complete, fence, needs_next_producer_id, prepare_end
from kbroker.state.transactions.initialise import (
    ProducerIdAndEpoch,
    check_may_initialise,
    initialise,
    needs_other_producer_id,
)
from kbroker.state.transactions.partitions import add_partitions, check_producer
from kbroker.state.transactions.transaction import Transaction, TransactionState

FIRST_ID = 10


def producer_of(text: str) -> tuple[int, int]:
    producer_id, epoch = text.split("/")
    return int(producer_id), int(epoch)


class Story:
    """One transactional id, whose fresh producer ids count up from 10 and whose time passes with each line."""

    def __init__(self, epoch: int = -1) -> None:
        self.transaction = Transaction("tx", FIRST_ID, epoch)
        self._next_id = FIRST_ID + 1
        self._now = 0

    def tell(self, line: str) -> str:
        """What comes of one request."""
        self._now += 1
        words = line.split()
        try:
            self.transaction = getattr(self, "_" + words[0].rstrip("0123456789"))(words)
        except KafkaError as error:
            return error.code.name
        return self._shown()

    def _init(self, words: list[str]) -> Transaction:
        expected = ProducerIdAndEpoch(*producer_of(words[1])) if len(words) > 1 else None
        check_may_initialise(self.transaction, expected)
        if self.transaction.state is TransactionState.ONGOING:
            return self._fence(["fence2"])
        new = self._fresh_id() if needs_other_producer_id(self.transaction, expected) else None
        return initialise(self.transaction, expected, 1000, self._now, new)

    def _add(self, words: list[str]) -> Transaction:
        check_producer(self.transaction, *producer_of(words[1]))
        partitions = [("t", int(index)) for index in words[2:]]
        return add_partitions(self.transaction, partitions, version_of(words[0]), self._now)

    def _end(self, words: list[str]) -> Transaction:
        version = version_of(words[0])
        return prepare_end(
            self.transaction,
            *producer_of(words[2]),
            commit=words[1] == "commit",
            version=version,
            now_ms=self._now,
            new_producer_id=self._next_id_for(version),
        )

    def _done(self, words: list[str]) -> Transaction:
        return complete(self.transaction, self._now)

    def _fence(self, words: list[str]) -> Transaction:
        version = version_of(words[0])
        return fence(self.transaction, version, self._now, self._next_id_for(version))

    def _next_id_for(self, version: int) -> int:
        return self._fresh_id() if needs_next_producer_id(self.transaction, version) else -1

    def _fresh_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _shown(self) -> str:
        t = self.transaction
        parts = [t.state.value, f"{t.producer_id}/{t.producer_epoch}"]
        parts += [f"last={t.last_producer_epoch}"] if t.last_producer_epoch >= 0 else []
        parts += [f"prev={t.previous_producer_id}"] if t.previous_producer_id != t.producer_id else []
        parts += [f"next={t.next_producer_id}"] if t.next_producer_id >= 0 else []
        parts += [str(sorted(index for _, index in t.partitions))] if t.partitions else []
        return " ".join(parts)


def version_of(word: str) -> int:
    return int("".join(filter(str.isdigit, word)) or 0)


def check(text: str, epoch: int = -1) -> None:
    """Tell a story, `request -> outcome` in each line."""
    story = Story(epoch)
    for line in text.strip().splitlines():
        asked, outcome = line.strip().split(" -> ")
        assert story.tell(asked.strip()) == outcome.strip(), line
