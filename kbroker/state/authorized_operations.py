"""Bit fields of the operations a client may perform on a resource (KIP-430)."""

from collections.abc import Iterable, Mapping
from typing import Final

from kbroker.state.acls import AclOperation, AclResourceType

NOT_REQUESTED: Final = -(2**31)  # what a response says when the client did not ask

# What can be done to a resource of each type that answers tell the operations of.
SUPPORTED_OPERATIONS: Final[Mapping[AclResourceType, tuple[AclOperation, ...]]] = {
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
    AclResourceType.CLUSTER: (
        AclOperation.CREATE,
        AclOperation.ALTER,
        AclOperation.DESCRIBE,
        AclOperation.CLUSTER_ACTION,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
        AclOperation.IDEMPOTENT_WRITE,
    ),
    AclResourceType.GROUP: (
        AclOperation.READ,
        AclOperation.DELETE,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
    ),
}


def bits(operations: Iterable[AclOperation]) -> int:
    """The bit field that has one bit for each operation."""
    return sum(1 << operation for operation in operations)


ALL_BITS: Final = {kind: bits(operations) for kind, operations in SUPPORTED_OPERATIONS.items()}
"""What everyone may do without an authorizer."""
