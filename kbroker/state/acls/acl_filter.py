"""Which ACLs a request is about: what is left open matches all, pattern type MATCH all that apply to a name."""

from typing import NamedTuple

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls.acl import (
    CLUSTER_NAME,
    WILDCARD,
    Acl,
    AclOperation,
    AclResourceType,
    PatternType,
    PermissionType,
)

_TYPES, _PATTERNS = frozenset(AclResourceType), frozenset(PatternType)
_OPERATIONS, _PERMISSIONS = frozenset(AclOperation), frozenset(PermissionType)


class AclFilter(NamedTuple):
    """What DescribeAcls and DeleteAcls look for; None, and ANY, is everything."""

    resource_type: int
    resource_name: str | None
    pattern_type: int
    principal: str | None
    host: str | None
    operation: int
    permission_type: int

    @property
    def unreadable(self) -> bool:
        """Whether it names something unknown, with which Apache Kafka can't read a request."""
        return 0 in (self.resource_type, self.pattern_type, self.operation, self.permission_type)

    @property
    def meaningless(self) -> bool:
        """Whether it has a number that nothing has."""
        return not (
            self.resource_type in _TYPES
            and self.pattern_type in _PATTERNS
            and self.operation in _OPERATIONS
            and self.permission_type in _PERMISSIONS
        )

    @property
    def for_any(self) -> bool:
        """Whether it leaves something open that one ACL has to say."""
        return (
            self.resource_type == AclResourceType.ANY
            or self.pattern_type in (PatternType.ANY, PatternType.MATCH)
            or self.operation == AclOperation.ANY
            or self.permission_type == PermissionType.ANY
        )

    def matches(self, acl: Acl) -> bool:
        """Whether the filter finds this ACL."""
        return (
            self.resource_type in (AclResourceType.ANY, acl.resource_type)
            and self.operation in (AclOperation.ANY, acl.operation)
            and self.permission_type in (PermissionType.ANY, acl.permission_type)
            and (self.principal is None or self.principal == acl.principal)
            and (self.host is None or self.host == acl.host)
            and self._matches_pattern(acl)
        )

    def _matches_pattern(self, acl: Acl) -> bool:
        name, pattern_type = self.resource_name, self.pattern_type
        if pattern_type not in (PatternType.ANY, PatternType.MATCH, acl.pattern_type):
            return False
        if name is None or name == acl.resource_name:
            return True
        if pattern_type != PatternType.MATCH:
            return False
        if acl.pattern_type == PatternType.PREFIXED:
            return name.startswith(acl.resource_name)
        return acl.resource_name == WILDCARD


def check_new(acl: Acl) -> None:
    """Raise KafkaError INVALID_REQUEST unless the ACL may be created."""
    if acl.resource_type == AclResourceType.CLUSTER and acl.resource_name != CLUSTER_NAME:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"The only resource of type CLUSTER is {CLUSTER_NAME}.")
    if not acl.resource_name:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "The resource name is empty.")
    if AclFilter(*acl).meaningless:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"The ACL has a number without a meaning: {acl}")
    if ":" not in acl.principal:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST, f"No colon separates type and name of the principal {acl.principal!r}."
        )
