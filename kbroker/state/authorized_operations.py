"""Bit fields of the operations a client may perform on a resource (KIP-430)."""

from typing import Final

from kbroker.state.acls import AclOperation

NOT_REQUESTED: Final = -(2**31)  # what a response says when the client did not ask


def bits(*operations: AclOperation) -> int:
    """The bit field that has one bit for each operation."""
    return sum(1 << operation for operation in operations)


# Without an authorizer everyone may do all that a resource of the type supports.
TOPIC_OPERATIONS: Final = bits(
    AclOperation.READ,
    AclOperation.WRITE,
    AclOperation.CREATE,
    AclOperation.DELETE,
    AclOperation.ALTER,
    AclOperation.DESCRIBE,
    AclOperation.DESCRIBE_CONFIGS,
    AclOperation.ALTER_CONFIGS,
)
CLUSTER_OPERATIONS: Final = bits(
    AclOperation.CREATE,
    AclOperation.ALTER,
    AclOperation.DESCRIBE,
    AclOperation.CLUSTER_ACTION,
    AclOperation.DESCRIBE_CONFIGS,
    AclOperation.ALTER_CONFIGS,
    AclOperation.IDEMPOTENT_WRITE,
)
GROUP_OPERATIONS: Final = bits(
    AclOperation.READ,
    AclOperation.DELETE,
    AclOperation.DESCRIBE,
    AclOperation.DESCRIBE_CONFIGS,
    AclOperation.ALTER_CONFIGS,
)
