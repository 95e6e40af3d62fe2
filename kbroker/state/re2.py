"""Regular expressions as Kafka's clients write them, of RE2's kind, for Python's `re`.

Both mean the same by nearly everything. What only Python has is refused (looking around, references back, possessive
and atomic groups); what only RE2 has is written in Python's way, but for Unicode classes, which are refused as well.
"""

import re
from typing import Final

_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PIECE: Final = re.compile(
    r"""
    \\Q(?P<quoted>.*?)(?:\\E|\Z)
    | \[:(?P<posix>[a-z]+):\]
    | (?P<end>\\z)
    | (?P<unknown>\\[1-9pPkg] | \(\?(?:[=!>(]|<[=!]|P=) | [*+?}]\+)
    | \\.
    """,
    re.DOTALL | re.VERBOSE,
)


def from_re2(pattern: str) -> str:
    """The same expression for Python. Raises re.error for what RE2 does not know; `re.compile` sees the rest."""
    return _PIECE.sub(_translated, pattern)


def _translated(piece: re.Match[str]) -> str:
    if piece["quoted"] is not None:
        return re.escape(piece["quoted"])
    if piece["posix"] is not None:
        if piece["posix"] not in _POSIX:
            raise re.error(f"no class {piece[0]}", piece.string, piece.start())
        return _POSIX[piece["posix"]]
    if piece["end"]:
        return r"\Z"
    if piece["unknown"]:
        raise re.error(f"{piece[0]} is not known to RE2", piece.string, piece.start())
    return piece[0]
