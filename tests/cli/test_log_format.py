"""No text of a client's makes a line of the log its own."""

import logging
import sys

import pytest

from kbroker.cli.log_format import LogFormatter, printable


def formatted(message: str, *args: object, trace: bool = False) -> str:
    exc_info = sys.exc_info() if trace else None
    record = logging.LogRecord("kbroker", logging.WARNING, __file__, 1, message, args, exc_info)
    return LogFormatter().format(record)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain: ünï 日本", "plain: ünï 日本"),
        ("a\nb", r"a\nb"),
        ("a\r\x1b[2Jb\x00", r"a\r\x1b[2Jb\x00"),
        ("line\u2028separator, right\u202eleft, \x85", r"line\u2028separator, right\u202eleft, \x85"),
        ("half \ud800", r"half \ud800"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_an_entry_is_one_line_with_time_and_level() -> None:
    line = formatted("refused %s", "\n2026-01-01 00:00:00,000 INFO all is well")
    assert "\n" not in line
    assert r" WARNING refused \n2026-01-01" in line


def test_lines_of_a_traceback_look_like_no_entry() -> None:
    try:
        raise ValueError("bad\n2026-01-01 00:00:00,000 INFO all is well\x1b[2J")
    except ValueError:
        first, *rest = formatted("it failed", trace=True).split("\n")
    assert first.endswith("WARNING it failed")
    assert all(line.startswith("  | ") for line in rest)
    assert rest[-1] == r"  | 2026-01-01 00:00:00,000 INFO all is well\x1b[2J"
