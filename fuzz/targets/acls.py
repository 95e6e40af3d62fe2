"""ACLs and filters of any texts and numbers: what they allow is what Kafka's rules say, computed the slow way."""

from collections.abc import Iterator

from fixtures import outcome
from fixtures.source import Source

from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import (
    Acl,
    AclFilter,
    AclOperation,
    AclResourceType,
    Authorizer,
    PatternType,
    check_new,
)

_NAMES = ("a", "ab", "abc", "*", "", "kafka-cluster", "hardcode")
_PRINCIPALS = ("User:a", "User:b", "User:*", "a", ":", "User:")
_HOSTS = ("*", "127.0.0.1", "0:0:0:0:0:0:0:1", "::1", "")
_CLIENTS = ("127.0.0.1", "::1", "fe80::1%eth0", "10.0.0.1")
_MOST_ACLS = 8
_DENY, _ALLOW = 2, 3
_IMPLIED = {8: {3, 4, 6, 7}, 10: {11}}


def check(data: bytes) -> None:
    """Every answer is that of the rules, and a filter finds no ACL that isn't there."""
    source = Source(data)
    authorizer = Authorizer(("User:root",), allow_if_no_acl=bool(source.byte() & 1))
    allow_if_no_acl = bool((data[:1] or b"\0")[0] & 1)
    acls: list[Acl] = []
    for _ in range(source.byte() % _MOST_ACLS):
        acl = Acl(
            *(_number(source), _text(source, _NAMES), _number(source), _text(source, _PRINCIPALS)),
            *(_text(source, _HOSTS), _number(source), _number(source)),
        )
        try:
            check_new(acl)
        except KafkaError as error:
            outcome.note(str(error)[:40])
            continue
        if AclFilter(*acl).unreadable or AclFilter(*acl).for_any:
            continue
        acls.append(acl)
        authorizer.add([acl])
    gone = acls[: source.byte() % (len(acls) + 1)] if source.byte() & 1 else []
    authorizer.remove(gone)
    acls = [acl for acl in dict.fromkeys(acls) if acl not in gone]
    assert list(authorizer) == acls, "other ACLs than were added"
    for _ in range(4):
        client, host = _text(source, _PRINCIPALS), source.pick(_CLIENTS)
        operation = AclOperation(3 + source.byte() % 13)
        kind = AclResourceType(2 + source.byte() % 6)
        name = _text(source, _NAMES)
        for _again in range(2):  # the second time it is remembered
            found = authorizer.authorize(client, host, operation, kind, name)
            assert found == _allowed(acls, client, host, operation, kind, name, allow_if_no_acl), (
                "another answer"
            )
        any_one = authorizer.authorize_any(client, host, operation, kind)
        outcome.note(found, any_one, len(acls))
    acl_filter = AclFilter(
        *(_number(source), source.pick((None, *_NAMES)), _number(source), source.pick((None, *_PRINCIPALS))),
        *(source.pick((None, *_HOSTS)), _number(source), _number(source)),
    )
    for acl in acls:
        if not acl_filter.meaningless and not acl_filter.unreadable:
            acl_filter.matches(acl)


def _number(source: Source) -> int:
    number = source.byte()
    return number % 8 if number < 250 else number - 256


def _text(source: Source, choices: tuple[str, ...]) -> str:
    choice = source.byte()
    return choices[choice % len(choices)] if choice < 220 else source.text()


def _allowed(
    acls: list[Acl], client: str, host: str, operation: int, kind: int, name: str, allow_if_no_acl: bool
) -> bool:
    if client == "User:root":
        return True
    about = [acl for acl in acls if acl.resource_type == kind and _covers(acl, name)]
    hosts = {"*", "0:0:0:0:0:0:0:1" if host == "::1" else "fe80:0:0:0:0:0:0:1%eth0" if "%" in host else host}
    mine = [acl for acl in about if acl.principal in (client, "User:*") and acl.host in hosts]
    if any(acl.permission_type == _DENY and acl.operation in (2, operation) for acl in mine):
        return False
    allowing = {2, operation, *_IMPLIED.get(operation, ())}
    if any(acl.permission_type == _ALLOW and acl.operation in allowing for acl in mine):
        return True
    return allow_if_no_acl and not about


def _covers(acl: Acl, name: str) -> bool:
    if acl.pattern_type == PatternType.PREFIXED:
        return name.startswith(acl.resource_name)
    return acl.resource_name in (name, "*")


def seeds() -> Iterator[bytes]:
    """Some of each."""
    for number in range(40):
        yield bytes((number * 7 + index * (number + 3)) % 256 for index in range(90))
    yield bytes((0, 3)) + bytes((2, 0, 4, 0, 0, 3, 3)) * 3 + bytes(20)
