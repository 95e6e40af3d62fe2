"""kbroker/state/transactions/partitions.py: see stories.py for how to read these."""

from kbroker.state.transactions.partitions import missing
from kbroker.state.transactions.transaction import Transaction

from .stories import Story, check


def test_a_transaction_begins_with_its_first_partition_and_takes_more() -> None:
    check(
        """
        init          -> Empty 10/0
        add 10/0 0    -> Ongoing 10/0 [0]
        add 10/0 0    -> Ongoing 10/0 [0]
        add 10/0 1 2  -> Ongoing 10/0 [0, 1, 2]
        """
    )


def test_only_the_present_producer_may_add() -> None:
    check(
        """
        init         -> Empty 10/0
        init         -> Empty 10/1
        add 9/0 0    -> INVALID_PRODUCER_ID_MAPPING
        add 10/0 0   -> PRODUCER_FENCED
        add 10/2 0   -> PRODUCER_FENCED
        """
    )


def test_the_next_transaction_begins_when_the_last_is_complete() -> None:
    check(
        """
        init               -> Empty 10/0
        add 10/0 0         -> Ongoing 10/0 [0]
        end commit 10/0    -> PrepareCommit 10/0 [0]
        add 10/0 1         -> CONCURRENT_TRANSACTIONS
        done               -> CompleteCommit 10/0
        add 10/0 1         -> Ongoing 10/0 [1]
        """
    )


def test_the_time_of_a_transaction_counts_from_its_first_partition() -> None:
    story = Story()
    for line in ("init", "add 10/0 0", "add 10/0 1"):
        story.tell(line)
    assert (story.transaction.start_ms, story.transaction.update_ms) == (2, 3)


def test_nothing_is_changed_by_what_is_there_already() -> None:
    story = Story()
    story.tell("init")
    story.tell("add 10/0 0")
    before = story.transaction
    story.tell("add 10/0 0")
    assert story.transaction is before


def test_what_was_not_added_is_missing() -> None:
    transaction = Transaction("tx", 10, partitions=frozenset({("t", 0)}))
    assert missing(transaction, [("t", 0), ("t", 1), ("u", 0)]) == [("t", 1), ("u", 0)]
