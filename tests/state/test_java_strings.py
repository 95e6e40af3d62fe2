"""kbroker/state/java_strings.py"""

import pytest

from kbroker.state.java_strings import hash_code, length, partition_for


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 0),
        ("a", 97),
        ("console-consumer-1", 35782224),
        ("🦊", 1772812),
        ("polygenelubricants", -(2**31)),
    ],
)
def test_hash_codes_are_javas(text: str, code: int) -> None:
    assert hash_code(text) == code


def test_a_key_has_its_partition() -> None:
    assert partition_for("a", 50) == 47
    assert partition_for("console-consumer-1", 50) == 24
    assert partition_for("polygenelubricants", 50) == 0, "whose absolute value does not fit, as in Kafka"


def test_a_character_outside_of_the_first_plane_counts_twice() -> None:
    assert [length(text) for text in ("", "abc", "äöü", "🦊")] == [0, 3, 3, 2]
