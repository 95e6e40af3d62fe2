"""Records what Apache Kafka's StandardAuthorizer allows: tests/data/authorizations_4.3.1.json.

    python compat-tests/security/acls/record.py

Many small sets of ACLs made at random, and to each every question that the vocabulary below allows. Needs Java, and
Apache Kafka's jars (KAFKA_LIBS).
"""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from harness.paths import REPOSITORY  # noqa: E402
from harness.toolchains import kafka_libs, tool  # noqa: E402

GOLDEN = REPOSITORY / "tests" / "data" / "authorizations_4.3.1.json"
SETS = 60
LITERAL, PREFIXED = 3, 4
DENY, ALLOW = 2, 3
ALL = 2

# What questions are made of. Apache Kafka knows addresses, so that no question comes from "*".
ASKED = {
    "principals": ["User:a", "User:b", "Group:a"],
    "hosts": ["10.0.0.1", "10.0.0.2", "0:0:0:0:0:0:0:1"],
    "operations": [*range(ALL + 1, 16)],
    "types": [2, 3],
    "names": ["t", "te", "test", "test-1", "tesu", "a", "hardcode", "*"],
}
NAMES = ("t", "te", "test", "test-1", "test-12", "tesu", "tess", "a", "*", "h", "hardcode")
PRINCIPALS = (*ASKED["principals"], "User:*", "User:c")
HOSTS = (*ASKED["hosts"], "*", "*", "*")


def main() -> int:
    """Record."""
    chance = random.Random(4_3_1)
    sets = [some_acls(chance) for _ in range(SETS)]
    lines = [line for one in sets for line in (*told(one), *questions())]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join("\t".join(map(str, line)) for line in lines) + "\n")
        file.flush()
        command = [
            tool("java"),
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
            "-cp",
            f"{kafka_libs()}/*",
            HERE / "Authorizations.java",
            file.name,
        ]
        answered = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    answers = iter(answered)
    count = sum(1 for _ in questions())
    for one in sets:
        bits = "".join(islice(answers, count))
        one["allowed"] = f"{int(bits, 2):0{(count + 3) // 4}x}"
    assert next(answers, None) is None
    sizes = ",\n".join(json.dumps(one, separators=(",", ":")) for one in sets)
    GOLDEN.write_text(f'{{"asked": {json.dumps(ASKED)},\n"sets": [\n{sizes}\n]}}\n')
    allowed = answered.count("1")
    print(f"{len(answered)} answers, {allowed} allowed, in {GOLDEN.relative_to(REPOSITORY)}")
    return 0


def some_acls(chance: random.Random) -> dict[str, Any]:
    """An authorizer with some ACLs: type, name, pattern type, principal, host, operation, permission type."""
    return {
        "super_users": chance.choice(["", "", "", "User:b", "User:b;Group:a"]),
        "allow_if_no_acl": chance.random() < 0.5,
        "acls": [
            [
                chance.choice(ASKED["types"]),
                chance.choice(NAMES),
                chance.choice((LITERAL, PREFIXED)),
                chance.choice(PRINCIPALS),
                chance.choice(HOSTS),
                chance.choice((ALL, ALL, *ASKED["operations"])),
                chance.choice((DENY, ALLOW, ALLOW)),
            ]
            for _ in range(chance.choice((0, 1, 2, 4, 8, 16, 30)))
        ],
    }


def told(one: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The lines that make an authorizer."""
    yield "new", one["super_users"], str(one["allow_if_no_acl"]).lower()
    for acl in {tuple(acl): None for acl in one["acls"]}:
        yield "acl", *acl


def questions() -> Iterator[tuple[Any, ...]]:
    """The lines that ask it, first about names, then about any resource of a type."""
    of_client = (ASKED["principals"], ASKED["hosts"], ASKED["operations"], ASKED["types"])
    for question in product(*of_client, ASKED["names"]):
        yield "ask", *question
    for question in product(*of_client):
        yield "any", *question


if __name__ == "__main__":
    sys.exit(main())
