"""`ssl.principal.mapping.rules`, and the distinguished names of certificates that they are applied to."""

import re
from collections.abc import Iterator

from fixtures import outcome

from kbroker.tls.der import DerError
from kbroker.tls.distinguished_name import distinguished_name
from kbroker.tls.principal_mapping import NoMatchingRuleError, map_name, parse_rules

_NAMES = ("CN=alice,OU=people,O=example,C=DE", "CN=a\\,b+UID=1", "", "CN=\N{SNOWMAN}", "1.2.3=#04")
# Repeats of what repeats take as long as they like, in Java too: whoever writes rules is trusted.
_BACKTRACKS = re.compile(rb"[)][*+{?]|[*+}][*+{]")
_BETWEEN = b"\0\0"


def check(data: bytes) -> None:
    """Rules are applied or refused with a ValueError; a name in DER is text or a DerError."""
    rules_text, _, name = data.partition(_BETWEEN)
    if _BACKTRACKS.search(rules_text):
        return
    try:
        subject = [distinguished_name(name)] if name else []
    except DerError as error:
        outcome.note(str(error)[:12])
        subject = []
    try:
        rules = parse_rules(rules_text.decode("utf-8", "replace"))
    except ValueError as error:
        outcome.note(str(error)[:16])
        return
    outcome.note(len(rules))
    for one in (*_NAMES, *subject):
        try:
            mapped = map_name(rules, one)
        except (NoMatchingRuleError, ValueError) as error:
            outcome.note(type(error).__name__)
        else:
            mapped.encode()


def seeds() -> Iterator[bytes]:
    """Rules as people write them, and names of several kinds of values."""
    rules = (
        "DEFAULT", "RULE:^CN=(.*?),OU=.*$/$1/", "RULE:^CN=([^,]+).*$/$1@x/L,DEFAULT", "RULE:.*/a\\/b/U",
        "RULE:(?<n>.*)/${n}/",
        "RULE:(?i)cn=(.*),.*/$1$12/", "RULE:(/x/",
        "RULE:[[a]b]/x/", "RULE:a{99999999999}/x/", "RULE:x/$3/", "RULE:x/y", "", ",", "RULE:.*/$/",
        "RULE:(a)|b/$1/, DEFAULT",
    )  # fmt: skip
    kinds = (b"\x13", b"\x0c", b"\x1e", b"\x04")
    for rule in rules:
        yield rule.encode()
    for kind in kinds:
        attribute = b"\x06\x03\x55\x04\x03" + kind + b"\x05 a,\0b"
        part = b"\x30" + bytes((len(attribute),)) + attribute
        whole = b"\x31" + bytes((len(part),)) + part
        yield b"DEFAULT\0\0\x30" + bytes((len(whole),)) + whole
        yield b"RULE:.*=(.*)/$1/L\0\0\x30" + bytes((2 * len(whole),)) + whole * 2
    yield b"DEFAULT\0\0\x30\x0b\x31\x09\x30\x07\x06\x01\xff\x0c\x02ab"
