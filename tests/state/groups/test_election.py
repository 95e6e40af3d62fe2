"""kbroker/state/groups/election.py"""

import pytest

from kbroker.state.groups.election import most_voted


def test_the_majority_wins() -> None:
    assert most_voted(["range", "rr", "range"]) == "range"


@pytest.mark.parametrize("votes", [("range", "rr"), ("rr", "range")])
def test_a_draw_ends_as_with_apache_kafka_whoever_voted_first(votes: tuple[str, ...]) -> None:
    """Observed on 4.3.1."""
    assert most_voted(votes) == "rr"


def test_names_outside_of_ascii_are_names_too() -> None:
    assert most_voted(["🦊"]) == "🦊"
