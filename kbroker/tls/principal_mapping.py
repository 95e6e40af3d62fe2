"""`ssl.principal.mapping.rules`: from a certificate's distinguished name to the name of a principal (KIP-371).

Rules are tried in order: `RULE:pattern/replacement/` with L or U for lower or upper case at its end, or `DEFAULT`, the
name as it is. A name that no rule matches has no principal. Patterns and replacements are Java's, but for classes of
characters by name (`\\p{Alpha}`) and sets of them within sets, which are refused.
"""

import re
import warnings
from collections.abc import Callable

from attrs import frozen

_RULE = re.compile(r"(DEFAULT)|RULE:((?:\\.|[^\\/])*)/((?:\\.|[^\\/])*)/([LU]?).*?|(.*?)")
_NEXT_RULE = re.compile(rf"\s*({_RULE.pattern})\s*(,\s*|$)")
_JAVA_GROUP_NAME = re.compile(r"\(\?<(?=[A-Za-z])")
_JAVA_FLAGS = re.compile(r"\(\?([imsx]+)\)(.*)", re.DOTALL)  # from where they are to the end
_REPLACEMENT = re.compile(r"\\(.)|\$(?:\{([A-Za-z][A-Za-z0-9]*)\}|([0-9]+))|([\\$])|([^\\$]+)", re.DOTALL)


class NoMatchingRuleError(Exception):
    """No rule applies to a name."""


@frozen
class Rule:
    """One rule. `pattern` None is DEFAULT."""

    pattern: re.Pattern[str] | None = None
    replacement: str = ""
    change_case: Callable[[str], str] = str

    def apply(self, name: str) -> str | None:
        """What the rule makes of a name, None if it doesn't match all of it. Raises ValueError: a bad replacement."""
        if self.pattern is None:
            return name
        if not self.pattern.fullmatch(name):
            return None
        return self.change_case(self.pattern.sub(self._replace, name))

    def _replace(self, match: re.Match[str]) -> str:
        groups = match.re.groups
        result = []
        for escaped, name, number, bad, text in _REPLACEMENT.findall(self.replacement):
            if name:
                if name not in match.re.groupindex:
                    raise ValueError(f"no group {name}")
                result.append(match[name] or "")
            elif number:
                digits = number
                # As many digits as make the number of a group; the rest is text.
                while len(digits) > 1 and int(digits) > groups:
                    digits = digits[:-1]
                if int(digits) <= groups:
                    result.append((match[int(digits)] or "") + number[len(digits) :])
                elif groups:
                    result.append(f"${number}")
                else:
                    raise ValueError(f"no group {number}")
            elif bad:
                raise ValueError(f"{bad} at the end, or before what is no group")
            else:
                result.append(escaped + text)
        return "".join(result)


def parse_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a setting. Raises ValueError for what is none."""
    rules = []
    for split in _NEXT_RULE.finditer(text.strip()):
        rule = split[1]
        match = _RULE.match(rule)
        if match is None or match.end() < len(rule):
            raise ValueError(f"invalid rule {rule!r}")
        default, pattern, replacement, change = match[1], match[2], match[3], match[4]
        if default:
            rules.append(Rule())
        elif pattern is not None:
            change_case = {"L": str.lower, "U": str.upper}.get(change, str)
            rules.append(Rule(_pattern(pattern), replacement, change_case))
    return tuple(rules)


def _pattern(java: str) -> re.Pattern[str]:
    python = _JAVA_FLAGS.sub(r"(?\1:\2)", _JAVA_GROUP_NAME.sub("(?P<", java))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # what Java takes for sets within sets
            return re.compile(python, re.ASCII)
    except (re.error, FutureWarning, OverflowError, RecursionError) as error:
        raise ValueError(f"invalid pattern {java!r}: {error}") from None


def map_name(rules: tuple[Rule, ...], name: str) -> str:
    """The first result that a rule gives. Raises NoMatchingRuleError, ValueError: a bad replacement."""
    for rule in rules:
        mapped = rule.apply(name)
        if mapped is not None:
            return mapped
    raise NoMatchingRuleError(f"no rule of ssl.principal.mapping.rules applies to {name}")
