"""Users that a broker has from its first start on: what Kafka's `kafka-storage format --add-scram` takes.

    SCRAM-SHA-256=[name=alice,password=alice-secret]
    SCRAM-SHA-512=[name=bob,salt="…",saltedpassword="…",iterations=8192]

The last two values are base64. No message here shows what was given: it may be a password.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Sequence

from attrs import field, frozen

from kbroker.errors import StartupError

_ARGUMENT = re.compile(r"(SCRAM-SHA-(?:256|512))=\[(.*)\]", re.DOTALL)
_IN_A_LIST = re.compile(r"[^\s;,=\[\]]+=\[[^\]]*\]")
_KNOWN = ("name", "password", "saltedpassword", "salt", "iterations")
MIN_ITERATIONS, MAX_ITERATIONS = 4096, 16384


@frozen
class ScramToAdd:
    """A user's credential to make: of a password, or of one that was salted already."""

    mechanism: str
    name: str
    password: str | None = field(default=None, repr=False)
    iterations: int = MIN_ITERATIONS
    salt: bytes | None = field(default=None, repr=False)
    salted_password: bytes | None = field(default=None, repr=False)


def parse_add_scram(argument: str, origin: str) -> ScramToAdd:
    """Read one argument. `origin` is where it was given. Raises StartupError."""
    found = _ARGUMENT.fullmatch(argument.strip())
    if found is None:
        raise StartupError(f"{origin} is not of the form SCRAM-SHA-256=[name=…,password=…]")
    given: dict[str, str] = {}
    for part in found[2].split(","):
        key, equals, value = part.strip().partition("=")
        if not equals or key not in _KNOWN:
            raise StartupError(f"{origin}: between [ and ] there may be {', '.join(_KNOWN)}, each with =")
        given[key] = value[1:-1] if re.fullmatch('".*"', value, re.DOTALL) else value
    if not given.get("name"):
        raise StartupError(f"{origin} has no name")
    if not given.get("password") and not (given.get("saltedpassword") and given.get("salt")):
        raise StartupError(f"{origin} has no password, nor saltedpassword with its salt")
    return ScramToAdd(
        found[1],
        given["name"],
        given.get("password"),
        _iterations(given.get("iterations", str(MIN_ITERATIONS)), origin),
        _base64(given.get("salt"), "salt", origin),
        _base64(given.get("saltedpassword"), "saltedpassword", origin),
    )


def parse_add_scrams(text: str, origin: str) -> list[ScramToAdd]:
    """Read several arguments, with blanks, commas or semicolons between. Raises StartupError."""
    if re.sub(r"[\s;,]", "", _IN_A_LIST.sub("", text)):
        raise StartupError(f"{origin} is not a list of SCRAM-SHA-256=[name=…,password=…]")
    return [parse_add_scram(argument, origin) for argument in _IN_A_LIST.findall(text)]


def of_passwords(users: Sequence[tuple[str, str]]) -> list[ScramToAdd]:
    """Credentials of users for every mechanism."""
    return [
        ScramToAdd(mechanism, name, password)
        for name, password in users
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
    ]


def _iterations(text: str, origin: str) -> int:
    if not re.fullmatch("0*[0-9]{1,5}", text) or not MIN_ITERATIONS <= int(text) <= MAX_ITERATIONS:
        raise StartupError(f"{origin}: iterations must be from {MIN_ITERATIONS} to {MAX_ITERATIONS}")
    return int(text)


def _base64(text: str | None, name: str, origin: str) -> bytes | None:
    try:
        return None if text is None else b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise StartupError(f"{origin}: {name} is not base64") from None
