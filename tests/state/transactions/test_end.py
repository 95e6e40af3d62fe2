"""kbroker/state/transactions/end.py: see stories.py for how to read these."""

import pytest

from .stories import check


@pytest.mark.parametrize(("how", "name"), [("commit", "Commit"), ("abort", "Abort")])
def test_version_0_keeps_the_epoch_and_takes_a_repeated_end(how: str, name: str) -> None:
    other = "abort" if how == "commit" else "commit"
    check(
        f"""
        init               -> Empty 10/0
        add 10/0 0         -> Ongoing 10/0 [0]
        end {how} 10/0     -> Prepare{name} 10/0 [0]
        end {how} 10/0     -> CONCURRENT_TRANSACTIONS
        end {other} 10/0   -> INVALID_TXN_STATE
        done               -> Complete{name} 10/0
        end {how} 10/0     -> Complete{name} 10/0
        end {other} 10/0   -> INVALID_TXN_STATE
        end {how} 10/1     -> PRODUCER_FENCED
        end {how} 9/0      -> INVALID_PRODUCER_ID_MAPPING
        """
    )


@pytest.mark.parametrize(("how", "name"), [("commit", "Commit"), ("abort", "Abort")])
def test_version_2_raises_the_epoch_and_knows_what_repeats_by_it(how: str, name: str) -> None:
    other = "abort" if how == "commit" else "commit"
    check(
        f"""
        init                -> Empty 10/0
        add2 10/0 0         -> Ongoing 10/0 [0]
        end2 {how} 10/1     -> PRODUCER_FENCED
        end2 {how} 10/0     -> Prepare{name} 10/1 last=0 [0]
        end2 {how} 10/0     -> CONCURRENT_TRANSACTIONS
        end2 {other} 10/0   -> INVALID_TXN_STATE
        end2 {how} 10/1     -> PRODUCER_FENCED
        done                -> Complete{name} 10/1 last=0
        end2 {how} 10/0     -> Complete{name} 10/1 last=0
        end2 {other} 10/0   -> INVALID_TXN_STATE
        end2 commit 10/1    -> INVALID_TXN_STATE
        end2 {how} 10/2     -> PRODUCER_FENCED
        """
    )


def test_nothing_was_begun() -> None:
    check(
        """
        init               -> Empty 10/0
        end commit 10/0    -> INVALID_TXN_STATE
        end abort 10/0     -> INVALID_TXN_STATE
        end2 commit 10/0   -> INVALID_TXN_STATE
        end2 abort 10/0    -> PrepareAbort 10/1 last=0
        done               -> CompleteAbort 10/1 last=0
        end2 abort 10/1    -> PrepareAbort 10/2 last=1
        """
    )


def test_version_2_aborts_what_was_never_begun_after_a_commit() -> None:
    check(
        """
        init               -> Empty 10/0
        add2 10/0 0        -> Ongoing 10/0 [0]
        end2 commit 10/0   -> PrepareCommit 10/1 last=0 [0]
        done               -> CompleteCommit 10/1 last=0
        end2 abort 10/1    -> PrepareAbort 10/2 last=1
        """
    )


def test_a_client_that_has_learnt_version_2_since_its_last_end() -> None:
    check(
        """
        init               -> Empty 10/0
        add 10/0 0         -> Ongoing 10/0 [0]
        end commit 10/0    -> PrepareCommit 10/0 [0]
        done               -> CompleteCommit 10/0
        end2 commit 10/0   -> CompleteCommit 10/0
        end2 abort 10/0    -> INVALID_TXN_STATE
        """
    )


def test_an_exhausted_epoch_ends_with_another_producer_id() -> None:
    check(
        """
        init                   -> Empty 10/32766
        add2 10/32766 0        -> Ongoing 10/32766 [0]
        end2 commit 10/32766   -> PrepareCommit 10/32767 last=32766 next=11 [0]
        end2 commit 10/32766   -> CONCURRENT_TRANSACTIONS
        done                   -> CompleteCommit 11/0 last=32766 prev=10
        end2 commit 10/32766   -> CompleteCommit 11/0 last=32766 prev=10
        end2 abort 10/32766    -> INVALID_TXN_STATE
        add2 10/32766 0        -> INVALID_PRODUCER_ID_MAPPING
        add2 11/0 0            -> Ongoing 11/0 last=32766 [0]
        """,
        epoch=32765,
    )


@pytest.mark.parametrize(("version", "epochs"), [("", "10/1"), ("2", "10/1 last=0")])
def test_a_fence_aborts_in_an_epoch_the_producer_does_not_have(version: str, epochs: str) -> None:
    check(
        f"""
        init             -> Empty 10/0
        add{version} 10/0 0   -> Ongoing 10/0 [0]
        fence{version}   -> PrepareAbort {epochs} [0]
        end{version} abort 10/2  -> PRODUCER_FENCED
        done             -> CompleteAbort {epochs}
        end commit 10/0  -> PRODUCER_FENCED
        """
    )
