"""The .properties format, by Java's rules."""

import pytest

from kbroker.config.properties import Property, parse_properties


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("a=b", "a", "b"),
        ("a : b", "a", "b"),
        ("a b c", "a", "b c"),
        ("  a  =  b  ", "a", "b  "),
        ("a", "a", ""),
        ("a=", "a", ""),
        ("a==b", "a", "=b"),
        ("a=b=c:d", "a", "b=c:d"),
        ("a\\ b\\=c=d", "a b=c", "d"),
        ("a=x\\ty\\u00e4\\q\\\\", "a", "x\tyäq\\"),
        ("a=one,\\\n   two", "a", "one,two"),
        ("a=one\\\r\n\t two\r\n", "a", "onetwo"),
        ("a=even\\\\\nb=c", "a", "even\\"),
        ("a=b # not a comment", "a", "b # not a comment"),
        ("a=last\\", "a", "last"),
        ("\\ud83d\\ude00=\\ud83d\\ude00", "\N{GRINNING FACE}", "\N{GRINNING FACE}"),
        ("a=x\\ud83d", "a", "x\N{REPLACEMENT CHARACTER}"),
        ("listeners=PLAINTEXT://:9092", "listeners", "PLAINTEXT://:9092"),
    ],
)
def test_one_property(text: str, name: str, value: str) -> None:
    first = parse_properties(text)[0]
    assert (first.name, first.value) == (name, value)


def test_comments_blank_lines_and_line_numbers() -> None:
    text = "# one\n! two\n\n   \n  # three\na=1\n\nb=2\\\n  # still b\nc=3"
    assert parse_properties(text) == [
        Property("a", "1", 6),
        Property("b", "2# still b", 8),
        Property("c", "3", 10),
    ]


def test_an_empty_file() -> None:
    assert parse_properties("") == []
