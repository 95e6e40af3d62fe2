"""Regular expressions as Java takes them, where Python writes the same otherwise."""

import re
import warnings

_JAVA = re.compile(
    r"\\Q(.*?)(?:\\E|$)|\(\?<(?=[A-Za-z])|\\[pP](?:\{\^?[\w=]+\}|[A-Z])|\\[hRXzG]|\\x\{[0-9a-fA-F]+\}|\\.",
    re.DOTALL,
)


def is_java_pattern(text: str) -> bool:
    """Whether Java would most likely compile this.

    Classes of characters that Python does not know are taken for right; so are intersections of them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(_JAVA.sub(_as_python, text))
        except (re.error, OverflowError, RecursionError):
            return False
    return True


def _as_python(found: re.Match[str]) -> str:
    text = found[0]
    if text.startswith(r"\Q"):
        return re.escape(found[1])
    if text == "(?<":
        return "(?P<"
    if text[1] in "pPhRXzG" or text.startswith(r"\x{"):
        return r"\w"
    return text
