"""kbroker/state/re2.py"""

import re

import pytest

from kbroker.state.re2 import from_re2


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a.c", "abc"),
        ("(?i)ABC", "abc"),
        (r"\Qa.c\E.*", "a.cd"),
        (r"\Qa.c", "a.c"),
        (r"\Aabc\z", "abc"),
        ("[[:alpha:]]+[[:digit:]_]*", "abc1_"),
        (r"a\\z", "a\\z"),
        (r"(?P<one>a)b", "ab"),
        ("a{1,2}", "aa"),
        ("a+?", "a"),
        (r"a\++", "a++"),
    ],
)
def test_what_both_know_matches_the_same(pattern: str, text: str) -> None:
    assert re.fullmatch(from_re2(pattern), text)


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)a", "(?!b)a", "(?<=a)b", "(?<!a)b", r"(a)\1", "a*+", "a++", "a{2}+", "(?>a)", r"\p{L}", "[[:x:]]"],
)
def test_what_re2_does_not_know_is_refused(pattern: str) -> None:
    with pytest.raises(re.error):
        re.compile(from_re2(pattern))


def test_a_quote_takes_everything_literally() -> None:
    assert re.fullmatch(from_re2(r"\Q.*\E"), "abc") is None
