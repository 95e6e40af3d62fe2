"""What a request needs to be allowed: the same request from clients that may do all but one thing.

All clients are User:ANONYMOUS; what tells them apart is the loopback address that they come from, which ACLs name:

- 127.0.0.1 may do everything
- NOTHING may do nothing at all, PARTLY everything with topics, groups and transactional ids whose names begin with OPEN
- most lack one operation on one type of resource: it is denied, while everything else is allowed
- the others may do nothing to the cluster, whose rights often stand in for those on topics and groups
"""

import time
from collections.abc import Callable
from typing import Any

from differential.conversation import Conversation, Step
from kbroker.protocol.create_acls import CreateAclsRequest
from kbroker.protocol.describe_acls import DescribeAclsRequest
from kbroker.state.acls import (
    CLUSTER_NAME,
    WILDCARD,
    AclOperation,
    AclResourceType,
    PatternType,
    PermissionType,
)

EVERYTHING = "127.0.0.1"
NOTHING = "127.1.0.1"
PARTLY = "127.1.0.2"
OPEN = "open-"
DENIED: dict[AclResourceType, tuple[AclOperation, ...]] = {
    AclResourceType.TOPIC: (
        AclOperation.READ,
        AclOperation.WRITE,
        AclOperation.CREATE,
        AclOperation.DELETE,
        AclOperation.ALTER,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
    ),
    AclResourceType.GROUP: (
        AclOperation.READ,
        AclOperation.DELETE,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
    ),
    AclResourceType.CLUSTER: (
        AclOperation.CREATE,
        AclOperation.ALTER,
        AclOperation.DESCRIBE,
        AclOperation.CLUSTER_ACTION,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
        AclOperation.IDEMPOTENT_WRITE,
    ),
    AclResourceType.TRANSACTIONAL_ID: (
        AclOperation.WRITE,
        AclOperation.DESCRIBE,
        AclOperation.TWO_PHASE_COMMIT,
    ),
    AclResourceType.DELEGATION_TOKEN: (AclOperation.DESCRIBE,),
    AclResourceType.USER: (AclOperation.CREATE_TOKENS, AclOperation.DESCRIBE_TOKENS),
}
"""Every operation that a type of resource has."""

BESIDE_CLUSTER = (AclResourceType.TOPIC, AclResourceType.GROUP, AclResourceType.TRANSACTIONAL_ID)
WITHOUT_CLUSTER = "nothing to the cluster"
CLIENTS = {
    "everything": EVERYTHING,
    "nothing": NOTHING,
    f"what is called {OPEN}": PARTLY,
    **{
        f"all but {kind.name} {operation.name}": f"127.2.{kind}.{operation}"
        for kind, operations in DENIED.items()
        for operation in operations
    },
    WITHOUT_CLUSTER: "127.1.0.3",
    **{
        f"{WITHOUT_CLUSTER}, and all but {kind.name} {operation.name}": f"127.3.{kind}.{operation}"
        for kind in BESIDE_CLUSTER
        for operation in DENIED[kind]
    },
}

Fields = dict[str, Any]


def entry(
    kind: int,
    host: str,
    operation: int = AclOperation.ALL,
    *,
    name: str | None = None,
    pattern: int = PatternType.LITERAL,
    permission: int = PermissionType.ALLOW,
) -> Fields:
    """One ACL of a CreateAcls request for clients of an address; on all names if none is given."""
    everywhere = CLUSTER_NAME if kind == AclResourceType.CLUSTER else WILDCARD
    return {
        "resource_type": kind,
        "resource_name": everywhere if name is None else name,
        "resource_pattern_type": pattern,
        "principal": "User:ANONYMOUS",
        "host": host,
        "operation": operation,
        "permission_type": permission,
    }


def prepare_acls(port: int) -> None:
    """Create the ACLs of all clients; the broker allows everything as long as there are none."""
    entries = [
        entry(kind, host)
        for who, host in CLIENTS.items()
        if host not in (NOTHING, PARTLY)
        for kind in DENIED
        if not (kind == AclResourceType.CLUSTER and who.startswith(WITHOUT_CLUSTER))
    ]
    entries += [
        entry(kind, f"127.{series}.{kind}.{operation}", operation, permission=PermissionType.DENY)
        for kind, operations in DENIED.items()
        for operation in operations
        for series in ((2, 3) if kind in BESIDE_CLUSTER else (2,))
    ]
    entries += [entry(kind, PARTLY, name=OPEN, pattern=PatternType.PREFIXED) for kind in BESIDE_CLUSTER]
    conversation = Conversation(port, "acls", 0)
    create_acls(conversation, *entries)
    conversation.close()


def create_acls(run: Conversation, *entries: Fields) -> None:
    """Create ACLs and wait until they are effective; none of it is recorded."""
    answer = run.first.quietly(CreateAclsRequest, 3, creations=list(entries))
    assert not any(result.error_code for result in answer.results), answer
    hosts = {each["host"] for each in entries}
    wait_for_acls(run, lambda found: hosts <= {acl.host for acl in found})


def wait_for_acls(run: Conversation, until: Callable[[list[Any]], bool]) -> None:
    """Wait until the broker's ACLs are as wanted; Apache Kafka answers a little before they are effective."""
    for _ in range(500):
        listed = run.first.quietly(
            DescribeAclsRequest,
            3,
            resource_type_filter=1,
            resource_name_filter=None,
            pattern_type_filter=1,
            principal_filter=None,
            host_filter=None,
            operation=1,
            permission_type=1,
        )
        if until([acl for resource in listed.resources for acl in resource.acls]):
            break
        time.sleep(0.01)
    time.sleep(0.02)  # the controller may be a moment later than the broker


def table(
    run: Conversation,
    label: str,
    request: type,
    *,
    version: int | None = None,
    before: Callable[[], None] | None = None,
    only: Callable[[Any], None] | None = None,
    each: Callable[[int], Fields] | None = None,
    unanswered: bool = False,
    **fields: Any,
) -> None:
    """Send the same request as every client; what it is answered counts where it isn't what others are.

    `before` is done before each one; `each` gives the fields that can't be the same, by the client's number.
    `unanswered`: the broker isn't to answer, but may close the connection.
    """
    answers: dict[str, Any] = {}
    step: Step = {}
    for number, (who, host) in enumerate(CLIENTS.items()):
        if before is not None:
            before()
        given = fields if each is None else fields | each(number)
        if unanswered:
            run.at(host).tell(label, request, version=version, **given)
        else:
            run.at(host).ask(label, request, version=version, only=only, **given)
        step = run.steps.pop()
        usual = answers.get(WITHOUT_CLUSTER if who.startswith(WITHOUT_CLUSTER) else "everything")
        if step["answer"] != (usual or answers.get("everything")):
            answers[who] = step["answer"]
    run.steps.append({**step, "answer": answers})
