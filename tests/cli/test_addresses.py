"""host:port in every form that users write."""

import pytest

from kbroker.cli.addresses import first_of, parse_addresses, shown


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("localhost:9092", [("localhost", 9092)]),
        ("kafka", [("kafka", 9092)]),
        ("[::1]:9093", [("::1", 9093)]),
        ("[::1]", [("::1", 9092)]),
        (":9093", [("localhost", 9093)]),
        ("a:1, b:2,", [("a", 1), ("b", 2)]),
    ],
)
def test_parses(text: str, addresses: list[tuple[str, int]]) -> None:
    assert parse_addresses(text) == addresses


@pytest.mark.parametrize("text", ["a:b", "a:0", "a:70000"])
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="is not host:port"):
        parse_addresses(text)


def test_shown_with_brackets_where_needed() -> None:
    assert shown("::1", 1) == "[::1]:1"
    assert first_of([("a", 1), ("b", 2)]) == "a:1"
