"""DescribeAcls: every kind of filter."""

from typing import Any

from differential.authorization import create_acls, entry
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.describe_acls import DescribeAclsRequest

VERSIONS = range(1, 4)
ANY = {
    "resource_type_filter": 1,
    "resource_name_filter": None,
    "pattern_type_filter": 1,
    "principal_filter": None,
    "host_filter": None,
    "operation": 1,
    "permission_type": 1,
}


def describe(run: Conversation, label: str, **given: Any) -> Any:
    return run.ask(label, DescribeAclsRequest, **ANY | given)


@scenario(VERSIONS)
def without_an_authorizer(run: Conversation) -> None:
    describe(run, "all")
    describe(run, "an unknown operation", operation=99)


@scenario(VERSIONS, guarded=True)
def filters(run: Conversation) -> None:
    name, host = run.name(), f"host-{run.name()}"
    create_acls(
        run,
        entry(2, host, 3, name=f"{name}-one"),
        entry(2, host, 4, name=f"{name}-one", permission=2),
        entry(2, host, 3, name=name, pattern=4),
        entry(2, host, 4, name="*"),
        entry(3, host, 3, name=f"{name}-one"),
        {**entry(2, host, 2, name=f"{name}-two"), "principal": "User:*"},
    )

    def ask(label: str, **given: Any) -> None:
        describe(run, label, **{"host_filter": host, **given})

    ask("all of a host")
    ask("an unknown host", host_filter="nowhere")
    for kind in (2, 3, 4):
        ask(f"resource type {kind}", resource_type_filter=kind)
    for pattern in (1, 2, 3, 4):
        ask(f"pattern type {pattern}", pattern_type_filter=pattern)
        for label, asked in (
            ("a name", f"{name}-one"),
            ("a name with the prefix", f"{name}-other"),
            ("the prefix", name),
            ("all names", "*"),
            ("another name", "other"),
            ("an empty name", ""),
        ):
            ask(f"pattern type {pattern}, {label}", pattern_type_filter=pattern, resource_name_filter=asked)
    for principal in ("User:ANONYMOUS", "User:*", "User:bob", "nobody", ""):
        ask(f"principal {principal!r}", principal_filter=principal)
    for operation in (2, 3, 4, 8):
        ask(f"operation {operation}", operation=operation)
    for permission in (2, 3):
        ask(f"permission type {permission}", permission_type=permission)
    for number in (0, 99, -1):
        ask(f"unknown resource type {number}", resource_type_filter=number)
        ask(f"unknown pattern type {number}", pattern_type_filter=number)
        ask(f"unknown operation {number}", operation=number)
        ask(f"unknown permission type {number}", permission_type=number)


@scenario([0, 4])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 29, run.version, bytes(20), flexible=run.version > 1)
