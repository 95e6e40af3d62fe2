import pytest
from rules.answers import ALIVE, RULE

from .hand_made import History

OUT_OF_ORDER, NOT_COORDINATOR, OFFSET_OUT_OF_RANGE, ILLEGAL_GENERATION = 45, 16, 1, 22


@pytest.mark.parametrize(
    ("kind", "error", "kept"),
    [
        ("append", OUT_OF_ORDER, False),
        ("append", ILLEGAL_GENERATION, False),
        ("append", NOT_COORDINATOR, True),
        ("commit", ILLEGAL_GENERATION, True),
        ("commit", OUT_OF_ORDER, False),
    ],
)
def test_errors_are_explained_by_faults(kind: str, error: int, kept: bool) -> None:
    history = History()
    if kind == "append":
        history.end(history.begin_append(0), "fail", error=error)
    else:
        history.do("commit", "fail", {"error": error}, group="g", offsets=[])
    assert history.broken() == ([] if kept else [RULE])


def test_an_offset_is_out_of_range_only_where_logs_are_trimmed() -> None:
    for trimmed in (False, True):
        history = History(trimmed=trimmed)
        read = history.begin("read", topic="t", partition=0, isolation="committed", **{"from": 0})
        history.end(read, "fail", error=OFFSET_OUT_OF_RANGE)
        assert history.broken() == ([] if trimmed else [RULE])


def test_what_a_client_words_itself_is_no_answer() -> None:
    history = History()
    history.end(history.begin_append(0), "unknown", error="connection lost")
    assert history.broken() == []


def test_what_is_stuck_is_told() -> None:
    history = History()
    history.info("stuck", what="nobody to connect to")
    assert history.broken() == [ALIVE]
    history.info("traceback", what="KeyError: 5")
    assert history.broken() == [RULE, ALIVE]
