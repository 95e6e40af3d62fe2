"""CreateAcls: with and without an authorizer, valid and not."""

from typing import Any

from differential.authorization import wait_for_acls
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.describe_acls import describe
from kbroker.protocol.create_acls import CreateAclsRequest

VERSIONS = range(1, 4)


def an_acl(run: Conversation, **other: Any) -> dict[str, Any]:
    """An ACL for a principal of this conversation: it may read a topic."""
    return {
        "resource_type": 2,
        "resource_name": run.name(),
        "resource_pattern_type": 3,
        "principal": f"User:{run.name()}",
        "host": "*",
        "operation": 3,
        "permission_type": 3,
        **other,
    }


def create(run: Conversation, label: str, *creations: dict[str, Any]) -> Any:
    return run.ask(label, CreateAclsRequest, creations=list(creations))


def mine(run: Conversation, label: str, count: int) -> None:
    """List the ACLs of this conversation's principal, once there are so many."""
    principal = f"User:{run.name()}"
    wait_for_acls(run, lambda acls: sum(acl.principal == principal for acl in acls) == count)
    describe(run, label, principal_filter=principal)


@scenario(VERSIONS)
def without_an_authorizer(run: Conversation) -> None:
    create(run, "one", an_acl(run))
    create(run, "two, one of them wrong", an_acl(run), an_acl(run, resource_name=""))
    create(run, "none")
    create(run, "an unknown operation", an_acl(run, operation=99))


@scenario(VERSIONS, guarded=True)
def with_an_authorizer(run: Conversation) -> None:
    create(run, "none")
    create(run, "one", an_acl(run))
    create(run, "the same again", an_acl(run))
    create(run, "two that are the same", an_acl(run, host="h"), an_acl(run, host="h"))
    create(run, "a prefix", an_acl(run, resource_pattern_type=4))
    mine(run, "all of them", 3)
    kinds = [2, 3, 4, 5, 6, 7]
    create(
        run,
        "of each type",
        *(
            an_acl(run, resource_type=kind, resource_name="kafka-cluster" if kind == 4 else "n")
            for kind in kinds
        ),
    )
    create(run, "of each operation", *(an_acl(run, operation=operation) for operation in range(2, 16)))
    mine(run, "all of them again", 22)


@scenario(VERSIONS, guarded=True)
def refused(run: Conversation) -> None:
    for number in (0, 1, 8, -1, 99):
        create(run, f"resource type {number}", an_acl(run, resource_type=number))
    for number in (0, 1, 2, 5, -1, 99):
        create(run, f"pattern type {number}", an_acl(run, resource_pattern_type=number))
    for number in (0, 1, 16, -1, 99):
        create(run, f"operation {number}", an_acl(run, operation=number))
    for number in (0, 1, 4, -1, 99):
        create(run, f"permission type {number}", an_acl(run, permission_type=number))
    create(run, "another name for the cluster", an_acl(run, resource_type=4))
    create(run, "all clusters", an_acl(run, resource_type=4, resource_name="*"))
    create(
        run,
        "a prefix of the cluster",
        an_acl(run, resource_type=4, resource_pattern_type=4, resource_name="k"),
    )
    create(run, "an empty name", an_acl(run, resource_name=""))
    create(run, "a name that no topic can have", an_acl(run, resource_name="a/b c"))
    create(run, "a principal without a type", an_acl(run, principal=run.name()))
    create(run, "an empty principal", an_acl(run, principal=""))
    create(run, "nothing but a colon", an_acl(run, principal=":", resource_name=run.name("colon")))
    create(run, "an unknown principal type", an_acl(run, principal=f"Nobody:{run.name()}"))
    create(run, "an empty host", an_acl(run, host=""))
    create(run, "a host that is no address", an_acl(run, host="example.org"))
    create(
        run,
        "one that is right and two that are wrong",
        an_acl(run, resource_name=""),
        an_acl(run, principal="x"),
        an_acl(run),
    )
    mine(run, "what was created", 4)


@scenario([3], guarded=True, last=True)
def too_many(run: Conversation) -> None:
    acls = [an_acl(run, resource_name=f"t{number}") for number in range(10_001)]
    answer = run.first.quietly(CreateAclsRequest, 3, creations=acls)
    codes = sorted({result.error_code for result in answer.results})
    run.steps.append({"step": "10,001", "request": "CreateAcls", "answer": {"error codes": codes}})
    mine(run, "what was created", 0)


@scenario([0, 4])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 30, run.version, bytes(20), flexible=run.version > 1)
