"""Java's .properties format, which server.properties is written in.

Comments begin with # or !, a backslash at the end joins lines, `=`, `:` or white space ends the name, and
backslashes escape: \\t, \\n, \\r, \\f, \\uXXXX, and any other character for itself.
"""

import re
from collections.abc import Iterator

from attrs import frozen

_WHITE = " \t\f"
_NAME = re.compile(r"(?:[^\\=: \t\f]|\\.)*", re.DOTALL)
_SEPARATOR = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.)|$)", re.DOTALL)
_TRAILING_BACKSLASHES = re.compile(r"\\*$")
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


@frozen
class Property:
    """A name, its value, and the number of the line on which it begins, from 1."""

    name: str
    value: str
    line: int


def parse_properties(text: str) -> list[Property]:
    """Every property in the order of the file; of a name that is there twice, the later counts."""
    properties = []
    for number, line in _logical_lines(text):
        name = _NAME.match(line)
        assert name is not None  # noqa: S101 - it matches the empty string, too
        separator = _SEPARATOR.match(line, name.end())
        assert separator is not None  # noqa: S101
        properties.append(Property(_unescape(name[0]), _unescape(line[separator.end() :]), number))
    return properties


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments and blank ones, with continuations joined."""
    begun: tuple[int, str] | None = None
    for number, natural in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = natural.lstrip(_WHITE)
        if begun is None:
            if not line or line[0] in "#!":
                continue
            begun = (number, "")
        trailing = _TRAILING_BACKSLASHES.search(line)
        continued = trailing is not None and len(trailing[0]) % 2 == 1
        begun = (begun[0], begun[1] + (line[:-1] if continued else line))
        if not continued:
            yield begun
            begun = None
    if begun is not None:
        yield begun


def _unescape(text: str) -> str:
    unescaped = _ESCAPE.sub(_unescaped, text)
    # \u names UTF-16's units: two make a character beyond the first 65,536, and one of a pair alone makes none.
    return unescaped.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    character = match[2] or ""
    return _CONTROLS.get(character, character)
