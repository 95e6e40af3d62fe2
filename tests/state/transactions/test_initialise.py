"""kbroker/state/transactions/initialise.py: see stories.py for how to read these."""

from .stories import check


def test_a_producer_begins_and_each_one_after_it_raises_the_epoch() -> None:
    check(
        """
        init      -> Empty 10/0
        init      -> Empty 10/1
        init 10/1 -> Empty 10/2 last=1
        """
    )


def test_a_producer_that_goes_on_after_an_error_is_told_the_same_when_it_asks_again() -> None:
    check(
        """
        init      -> Empty 10/0
        init 10/0 -> Empty 10/1 last=0
        init 10/0 -> Empty 10/1 last=0
        init 10/1 -> Empty 10/2 last=1
        init 10/0 -> PRODUCER_FENCED
        """
    )


def test_a_producer_that_was_pushed_out_cannot_go_on() -> None:
    check(
        """
        init      -> Empty 10/0
        init      -> Empty 10/1
        init 10/0 -> PRODUCER_FENCED
        init 9/0  -> PRODUCER_FENCED
        init 10/1 -> Empty 10/2 last=1
        """
    )


def test_a_producer_of_a_forgotten_transactional_id_begins_anew() -> None:
    check("init 999/7 -> Empty 10/0")


def test_an_open_transaction_is_aborted_first() -> None:
    check(
        """
        init         -> Empty 10/0
        add2 10/0 0  -> Ongoing 10/0 [0]
        init         -> PrepareAbort 10/1 last=0 [0]
        init         -> CONCURRENT_TRANSACTIONS
        init 10/1    -> CONCURRENT_TRANSACTIONS
        init 11/1    -> PRODUCER_FENCED
        done         -> CompleteAbort 10/1 last=0
        init         -> Empty 10/2
        """
    )


def test_an_exhausted_epoch_brings_another_producer_id() -> None:
    check(
        """
        init          -> Empty 10/32766
        init          -> Empty 11/0 prev=10
        init          -> Empty 11/1
        """,
        epoch=32765,
    )


def test_an_exhausted_epoch_of_a_producer_that_goes_on_and_asks_twice() -> None:
    check(
        """
        init 10/32766 -> Empty 11/0 last=32766 prev=10
        init 10/32766 -> Empty 11/0 last=32766
        init 10/32765 -> PRODUCER_FENCED
        """,
        epoch=32766,
    )


def test_a_fence_may_use_up_the_last_epoch() -> None:
    check(
        """
        init             -> Empty 10/32766
        add2 10/32766 0  -> Ongoing 10/32766 [0]
        init             -> PrepareAbort 10/32767 last=32766 next=11 [0]
        done             -> CompleteAbort 11/0 last=32766 prev=10
        init             -> Empty 11/1
        """,
        epoch=32765,
    )
