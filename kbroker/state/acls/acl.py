"""What an ACL says: who may, or may not, do what from where to which resources. The numbers are the protocol's."""

from enum import IntEnum
from typing import Final, NamedTuple

WILDCARD: Final = "*"  # a resource name or a host that is every one; as a principal's name too
CLUSTER_NAME: Final = "kafka-cluster"  # the one resource of type CLUSTER


class AclOperation(IntEnum):
    """Kafka's operations, by the numbers that requests and bit fields use."""

    UNKNOWN = 0
    ANY = 1
    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


class AclResourceType(IntEnum):
    """What ACLs are about. Configs have resource types of their own (`state.config_changes.ResourceType`)."""

    UNKNOWN = 0
    ANY = 1
    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5
    DELEGATION_TOKEN = 6
    USER = 7


class PatternType(IntEnum):
    """How the name in an ACL, or in a filter of ACLs, is meant."""

    UNKNOWN = 0
    ANY = 1
    MATCH = 2
    LITERAL = 3
    PREFIXED = 4


class PermissionType(IntEnum):
    """Whether an ACL allows or denies."""

    UNKNOWN = 0
    ANY = 1
    DENY = 2
    ALLOW = 3


class Acl(NamedTuple):
    """One access control entry on one resource pattern."""

    resource_type: int
    resource_name: str
    pattern_type: int
    principal: str  # "User:alice"; "User:*" is everyone
    host: str
    operation: int
    permission_type: int
