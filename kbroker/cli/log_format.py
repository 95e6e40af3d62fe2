"""How log lines are written: nothing that a client chose can end a line, begin another or move a terminal's cursor."""

import logging

_INDENT = "  | "  # of what follows an entry's line: no entry begins like that


class LogFormatter(logging.Formatter):
    """Time, level and message on one line, with what can't be printed escaped; a traceback below, set off."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the base class's name
        """The entry's own line."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802
        """A traceback, whose last lines may hold what a client sent."""
        lines = super().formatException(ei).split("\n")  # type: ignore[arg-type]
        return "\n".join(_INDENT + printable(line) for line in lines)


def printable(text: str) -> str:
    r"""The text with `\n`, `\x1b`, `\u202e` and the like for characters that do something else than to be seen."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text
    )
