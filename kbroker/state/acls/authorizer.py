"""Who may do what: the rules of Kafka's StandardAuthorizer (KIP-801).

- super users may do everything
- what an ACL denies is denied, whatever others allow: those on the resource's name, on "*", or on a prefix of the name
- what none of them allows is denied; but a resource that no ACL is about, whoever it is for, is open to everyone with
  `allow.everyone.if.no.acl.found`
- READ, WRITE, DELETE and ALTER allow DESCRIBE too, ALTER_CONFIGS allows DESCRIBE_CONFIGS; denying implies nothing

Answers are remembered until an ACL changes. One that isn't costs a look at each length that prefixes have, so that it
matters little how many ACLs there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from ipaddress import IPv6Address
from typing import Final

from kbroker.state.acls.acl import WILDCARD, Acl, AclOperation, AclResourceType, PatternType, PermissionType

EVERYONE: Final = "User:*"
MAX_REMEMBERED: Final = 10_000
SOME_NAME: Final = "hardcode"  # asked about first, as StandardAuthorizer does
LONGEST_REMEMBERED: Final = (
    249  # characters of a name: a topic's at most. Clients may ask about much longer ones
)

IMPLIED_BY: Final = {
    AclOperation.DESCRIBE: frozenset(
        {AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.ALTER}
    ),
    AclOperation.DESCRIBE_CONFIGS: frozenset({AclOperation.ALTER_CONFIGS}),
}

# Principal, host, operation, resource type and name; no name is any.
Question = tuple[str, str, AclOperation, AclResourceType, str | None]


class Authorizer:
    """The ACLs of a cluster and the answers they give."""

    def __init__(self, super_users: Collection[str] = (), *, allow_if_no_acl: bool = False) -> None:
        self._super_users = frozenset(super_users)
        self._allow_if_no_acl = allow_if_no_acl
        self._acls: dict[Acl, None] = {}  # in the order in which they came
        # By resource type: name or prefix to the ACLs on it, and the lengths that prefixes have.
        self._literal: defaultdict[int, dict[str, dict[Acl, None]]] = defaultdict(dict)
        self._prefixed: defaultdict[int, dict[str, dict[Acl, None]]] = defaultdict(dict)
        self._lengths: dict[int, list[int]] = {}
        self._answers: dict[Question, bool] = {}

    def __contains__(self, acl: Acl) -> bool:
        return acl in self._acls

    def __iter__(self) -> Iterator[Acl]:
        return iter(self._acls)

    def __len__(self) -> int:
        return len(self._acls)

    def add(self, acls: Iterable[Acl]) -> None:
        """Add ACLs, effective at once; those that are there stay."""
        for acl in acls:
            self._acls[acl] = None
            self._index(acl).setdefault(acl.resource_name, {})[acl] = None
        self._changed()

    def remove(self, acls: Iterable[Acl]) -> None:
        """Remove ACLs, effective at once; those that aren't there are no error."""
        for acl in acls:
            if acl in self._acls:
                del self._acls[acl]
                index = self._index(acl)
                of_name = index[acl.resource_name]
                del of_name[acl]
                if not of_name:
                    del index[acl.resource_name]
        self._changed()

    def authorize(
        self, principal: str, host: str, operation: AclOperation, resource_type: AclResourceType, name: str
    ) -> bool:
        """Whether this principal, from this address, may do this to the resource of this name."""
        if principal in self._super_users:
            return True
        question = (principal, host, operation, resource_type, name)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._find(principal, host, operation, resource_type, name)
            if len(name) <= LONGEST_REMEMBERED:
                self._remember(question, answer)
        return answer

    def authorize_any(
        self, principal: str, host: str, operation: AclOperation, resource_type: AclResourceType
    ) -> bool:
        """Whether this principal may do this to any resource of the type, be it there or not (KIP-679)."""
        if principal in self._super_users:
            return True
        question = (principal, host, operation, resource_type, None)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._find(principal, host, operation, resource_type, SOME_NAME) or self._find_any(
                principal, host, operation, resource_type
            )
            self._remember(question, answer)
        return answer

    def _remember(self, question: Question, answer: bool) -> None:
        if len(self._answers) >= MAX_REMEMBERED:
            self._answers.clear()
        self._answers[question] = answer

    def _find(
        self, principal: str, host: str, operation: AclOperation, resource_type: AclResourceType, name: str
    ) -> bool:
        host = java_address(host)
        implying = IMPLIED_BY.get(operation, frozenset())
        found = allowed = False
        for acl in self._about(resource_type, name):
            found = True
            if acl.principal not in (principal, EVERYONE) or acl.host not in (host, WILDCARD):
                continue
            same = acl.operation in (operation, AclOperation.ALL)
            if acl.permission_type == PermissionType.DENY:
                if same:
                    return False
            elif same or acl.operation in implying:
                allowed = True
        return allowed if found else self._allow_if_no_acl

    def _find_any(
        self, principal: str, host: str, operation: AclOperation, resource_type: AclResourceType
    ) -> bool:
        """Whether some pattern is allowed that no denied one covers. No operation implies another here."""
        host = java_address(host)
        allowed: list[Acl] = []
        denied: set[tuple[int, str]] = set()
        for acl in self._acls:
            if (
                acl.resource_type != resource_type
                or acl.operation not in (operation, AclOperation.ALL)
                or acl.principal not in (principal, EVERYONE)
                or acl.host not in (host, WILDCARD)
            ):
                continue
            if acl.permission_type == PermissionType.ALLOW:
                allowed.append(acl)
            else:
                denied.add((acl.pattern_type, acl.resource_name))
        if (PatternType.LITERAL, WILDCARD) in denied:
            return False
        return any(not _covered(acl, denied) for acl in allowed)

    def _about(self, resource_type: int, name: str) -> Iterator[Acl]:
        """The ACLs whose pattern is this name, all names, or a prefix of this name."""
        literal = self._literal[resource_type]
        yield from literal.get(name, ())
        if name != WILDCARD:
            yield from literal.get(WILDCARD, ())
        prefixed = self._prefixed[resource_type]
        for length in self._lengths.get(resource_type, ()):
            if length > len(name):
                break
            yield from prefixed.get(name[:length], ())

    def _index(self, acl: Acl) -> dict[str, dict[Acl, None]]:
        prefixed = acl.pattern_type == PatternType.PREFIXED
        return (self._prefixed if prefixed else self._literal)[acl.resource_type]

    def _changed(self) -> None:
        self._answers.clear()
        self._lengths = {
            resource_type: sorted({len(prefix) for prefix in prefixes})
            for resource_type, prefixes in self._prefixed.items()
        }


def _covered(acl: Acl, denied: set[tuple[int, str]]) -> bool:
    """Whether what an ACL allows is denied as a whole."""
    name = acl.resource_name
    if acl.pattern_type == PatternType.LITERAL:
        if name == WILDCARD:
            return False
        if (PatternType.LITERAL, name) in denied:
            return True
    return any((PatternType.PREFIXED, name[:length]) in denied for length in range(1, len(name) + 1))


def java_address(host: str) -> str:
    """An address as Java writes it, and so ACLs: IPv6 in full, but without leading zeros."""
    if ":" not in host:
        return host
    address, percent, scope = host.partition("%")
    groups = IPv6Address(address).exploded.split(":")
    return ":".join(f"{int(group, 16):x}" for group in groups) + percent + scope
