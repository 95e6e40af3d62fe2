"""Java's login configuration (JAAS), in which Kafka is told about users: as a setting, and as a file.

    org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";

The setting is such an entry; the file has sections of them, `KafkaServer { … };`. What may be written is what Java's
tokenizer takes: quotes of either kind with backslash escapes, and comments of both kinds, where a single slash
outside of quotes begins one too.
"""

import re
from collections.abc import Iterator

from attrs import field, frozen

_TOKEN = re.compile(
    r"""
    [\x00-\x20]+ | //[^\r\n]* | /\*.*?(?:\*/|\Z) | /[^\r\n]*
    | "(?P<double>(?:[^"\\\r\n]|\\.)*)["]?
    | '(?P<single>(?:[^'\\\r\n]|\\.)*)[']?
    | (?P<mark>[;={}])
    | (?P<word>[^\x00-\x20/"';={}]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([0-3]?[0-7]{1,2}|.)", re.DOTALL)
_CONTROLS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_CLASS = re.compile(r"[A-Za-z0-9_.]+LoginModule")
_FLAGS = {"required", "requisite", "sufficient", "optional"}


SERVER = "KafkaServer"  # the section of brokers


class JaasError(ValueError):
    """It can't be read; the message has no word of it but a module's class, for a value may stand anywhere."""


@frozen
class LoginModule:
    """One entry: the module's class and its options."""

    name: str
    options: dict[str, str] = field(repr=False)

    @property
    def short_name(self) -> str:
        """The class without its package."""
        return self.name.rpartition(".")[2]


@frozen
class _Token:
    text: str
    is_mark: bool  # one of ; = { }, unquoted


def parse_jaas(text: str) -> list[LoginModule]:
    """The entries of a setting. Raises JaasError."""
    tokens = _tokens(text)
    modules = []
    while (token := next(tokens, None)) is not None:
        modules.append(_module(token, tokens))
    if not modules:
        raise JaasError("it has no login module")
    return modules


def parse_jaas_file(text: str) -> dict[str, list[LoginModule]]:
    """The entries of a file by the name of their section. Raises JaasError."""
    tokens = _tokens(text)
    sections: dict[str, list[LoginModule]] = {}
    while (token := next(tokens, None)) is not None:
        name = _word(token, "the name of a section")
        _expect(tokens, "{", "after the name of a section")
        modules = sections[name] = []
        while (token := _next(tokens, "a section does not end with }")) != _Token("}", True):
            modules.append(_module(token, tokens))
        _expect(tokens, ";", "after a section")
    return sections


def _module(first: _Token, tokens: Iterator[_Token]) -> LoginModule:
    name = _word(first, "the class of a login module")
    shown = name if _CLASS.fullmatch(name) else "a login module"
    flag = _next(tokens, f"{shown} has no control flag").text
    if flag.lower() not in _FLAGS:
        raise JaasError(f"the control flag after {shown} is none of {', '.join(sorted(_FLAGS))}")
    options: dict[str, str] = {}
    while (token := _next(tokens, f"the entry of {shown} does not end with a semicolon")) != _Token(
        ";", True
    ):
        option = f"option {len(options) + 1} of {shown}"
        key = _word(token, option)
        _expect(tokens, "=", f"after {option}; has a value before it blanks, but no quotes?")
        value = _next(tokens, f"{option} has no value")
        if value.is_mark:
            raise JaasError(f"{option} has no value")
        options[key] = value.text
    return LoginModule(name, options)


def _word(token: _Token, what: str) -> str:
    if token.is_mark:
        raise JaasError(f"{what} is missing before {token.text!r}")
    return token.text


def _next(tokens: Iterator[_Token], otherwise: str) -> _Token:
    token = next(tokens, None)
    if token is None:
        raise JaasError(otherwise)
    return token


def _expect(tokens: Iterator[_Token], mark: str, where: str) -> None:
    if _next(tokens, f"{mark!r} is missing {where}") != _Token(mark, True):
        raise JaasError(f"{mark!r} is missing {where}")


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        if found["mark"]:
            yield _Token(found["mark"], True)
        elif found["word"] is not None:
            yield _Token(found["word"], False)
        else:
            quoted = found["double"] if found["double"] is not None else found["single"]
            if quoted is not None:
                yield _Token(_ESCAPE.sub(_unescaped, quoted), False)


def _unescaped(match: re.Match[str]) -> str:
    escaped = match[1]
    return chr(int(escaped, 8)) if escaped.isdigit() and escaped < "8" else _CONTROLS.get(escaped, escaped)
