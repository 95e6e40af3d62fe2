"""Access control: what an ACL says, and who may do what by a set of them. Pure, like all of `state`."""

from kbroker.state.acls.acl import (
    CLUSTER_NAME,
    WILDCARD,
    Acl,
    AclOperation,
    AclResourceType,
    PatternType,
    PermissionType,
)
from kbroker.state.acls.acl_filter import AclFilter, check_new
from kbroker.state.acls.authorizer import Authorizer

__all__ = [
    "CLUSTER_NAME",
    "WILDCARD",
    "Acl",
    "AclFilter",
    "AclOperation",
    "AclResourceType",
    "Authorizer",
    "PatternType",
    "PermissionType",
    "check_new",
]
