"""Records what Java and Apache Kafka make of distinguished names and mapping rules: tests/data/principals_4.3.1.json.

    python compat-tests/security/principals/record.py

Needs Java, and Apache Kafka's jars (KAFKA_LIBS).
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from harness.paths import REPOSITORY  # noqa: E402
from harness.toolchains import kafka_libs, tool  # noqa: E402

GOLDEN = REPOSITORY / "tests" / "data" / "principals_4.3.1.json"

UTF8, PRINTABLE, T61, IA5, UNIVERSAL, BMP, NUMERIC = 0x0C, 0x13, 0x14, 0x16, 0x1C, 0x1E, 0x12
CN, C, L, ST, STREET, ORG, OU = "2.5.4.3", "2.5.4.6", "2.5.4.7", "2.5.4.8", "2.5.4.9", "2.5.4.10", "2.5.4.11"
UID, DC = "0.9.2342.19200300.100.1.1", "0.9.2342.19200300.100.1.25"
EMAIL, SERIAL, TITLE, GIVEN, SURNAME = "1.2.840.113549.1.9.1", "2.5.4.5", "2.5.4.12", "2.5.4.42", "2.5.4.4"

Attribute = tuple[str, int, bytes]


def text(oid: str, value: str, tag: int = UTF8) -> list[Attribute]:
    """A part of one attribute."""
    return [(oid, tag, value.encode())]


NAMES: list[list[list[Attribute]]] = [
    [],
    [text(CN, "alice")],
    [
        text(C, "DE", PRINTABLE),
        text(ST, "Hessen"),
        text(L, "Frankfurt"),
        text(ORG, "Example GmbH"),
        text(CN, "broker-1"),
    ],
    [
        text(DC, "org", IA5),
        text(DC, "example", IA5),
        text(OU, "people"),
        text(UID, "alice"),
        text(CN, "Alice A."),
    ],
    [text(STREET, "Main St. 1"), text(CN, "host.example.com")],
    [text(CN, "Duke"), text(EMAIL, "duke@example.com", IA5)],
    [
        text(CN, "Duke"),
        text(SERIAL, "1234", PRINTABLE),
        text(TITLE, "Dr"),
        text(GIVEN, "D"),
        text(SURNAME, "U"),
    ],
    [text(CN, ',=+<>#;"\\')],
    [text(CN, "#leading"), text(ORG, "in#side")],
    [text(CN, " leading"), text(ORG, "trailing "), text(OU, "  both  "), text(L, "in  side"), text(ST, " ")],
    [text(CN, "Größe"), text(ORG, "日本"), text(OU, "🙂")],
    [text(CN, "nul\0inside"), text(ORG, "tab\tand\nline")],
    [text(CN, "\rreturn\r")],
    [
        [(CN, BMP, "Bmp ü".encode("utf-16-be"))],
        [(ORG, T61, b"t61 \xfc")],
        [(OU, UNIVERSAL, "u".encode("utf-32-be"))],
    ],
    [[(CN, NUMERIC, b"123")]],
    [[(CN, UTF8, b"")]],
    [[(CN, UTF8, b"b"), (UID, UTF8, b"a")], text(ORG, "x")],
    [[(OU, UTF8, b"b"), (CN, UTF8, b"a"), ("1.2.3.4", UTF8, b"c")]],
    [text("1.2.3", "unknown"), text("2.5.4.65", "pseudonym"), text("2.999.1", "big")],
    [text(CN, "a/b"), text(ORG, "c:d|e'f(g)h*i?j")],
]

DNS = (
    "CN=Alice,OU=ServiceUsers,O=Org,L=City,ST=State,C=DE",
    "CN=bob/b,O=org",
    "UID=kafka",
    "CN=Größe,O=x",
    "",
)
RULES: list[tuple[str, str]] = [
    (rules, name)
    for rules in (
        "DEFAULT",
        "",
        "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/",
        "RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L",
        "RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U",
        "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, RULE:^CN=([^,]*),.*/$1/L ,DEFAULT",
        "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/,RULE:^UID=(.*)$/$1/",
        "RULE:^CN=(?<user>[^,]*).*$/${user}-x/",
        "RULE:^CN=([^,]*).*$/$0!/",
        "RULE:^CN=([^,]*).*$/$1$2/",
        "RULE:^CN=([^,]*).*$/$10/",
        "RULE:^CN=[^,]*.*$/$1/",
        r"RULE:^CN=([^,]*).*$/a\/b\$c$1/",
        r"RULE:^CN=([^,]*)\/.*$/$1/",
        "RULE:.*/x/",
        "RULE:CN=(a|b)*.*/[$1]/",
        "RULE:^CN=([^,]*).*$/$/",
        "RULE:^CN=([^,]*).*$/${none}/",
        "RULE:^CN=([^,]*).*$//",
        "RULE:^CN=([^,]*).*$/$1/X",
        "RULE:^CN=([^,]*).*$/$1/LU",
        "RULE:^CN=([^,]*).*$/$1",
        "RULE:^CN=([^,]*).*$",
        "rule:^CN=([^,]*).*$/$1/",
        "default",
        "DEFAULT RULE:^CN=a$/b/",
        "RULE:^CN=(\\w+).*$/$1/",
        "RULE:^(?i)cn=(.*?),.*$/$1/",
        "RULE:^CN=(.*+$/$1/",
    )
    for name in (
        "CN=Alice,OU=ServiceUsers,O=Org,L=City,ST=State,C=DE",
        "CN=bob/b,O=org",
        "UID=kafka",
        "CN=Größe,O=x",
        "",
    )
]


def main() -> int:
    """Record."""
    encoded = [der_name(name) for name in NAMES]
    lines = [f"name {name.hex()}" for name in encoded]
    lines += [f"rule {rules.encode().hex()} {name.encode().hex()}" for rules, name in RULES]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        command = [tool("java"), "-cp", f"{kafka_libs()}/*", HERE / "Principals.java", file.name]
        answers = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    results = [
        bytes.fromhex(answer).decode() if kind == "ok" else None
        for kind, _, answer in (line.partition(" ") for line in answers)
    ]
    golden = {
        "names": [
            {"der": name.hex(), "text": result}
            for name, result in zip(encoded, results[: len(encoded)], strict=True)
        ],
        "rules": [
            {"rules": rules, "name": name, "result": result}
            for (rules, name), result in zip(RULES, results[len(encoded) :], strict=True)
        ],
    }
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(results)} results, {results.count(None)} errors, in {GOLDEN.relative_to(REPOSITORY)}")
    return 0


def der_name(parts: list[list[Attribute]]) -> bytes:
    """A Name in DER."""
    return tlv(0x30, b"".join(tlv(0x31, b"".join(sorted(map(der_attribute, part)))) for part in parts))


def der_attribute(attribute: Attribute) -> bytes:
    """An AttributeTypeAndValue in DER."""
    oid, tag, value = attribute
    return tlv(0x30, tlv(0x06, der_oid(oid)) + tlv(tag, value))


def der_oid(oid: str) -> bytes:
    """The contents of an object identifier."""
    first, second, *rest = map(int, oid.split("."))
    encoded = bytearray()
    for number in (first * 40 + second, *rest):
        septets = [number & 0x7F]
        while number := number >> 7:
            septets.append(number & 0x7F | 0x80)
        encoded += bytes(reversed(septets))
    return bytes(encoded)


def tlv(tag: int, contents: bytes) -> bytes:
    """An element of less than 64 KiB."""
    if len(contents) < 0x80:
        return bytes((tag, len(contents))) + contents
    return bytes((tag, 0x82)) + len(contents).to_bytes(2, "big") + contents


if __name__ == "__main__":
    sys.exit(main())
