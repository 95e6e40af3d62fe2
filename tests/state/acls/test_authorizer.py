"""The rules one by one, then all of them together beside Apache Kafka's answers.

These are recorded by `compat-tests/security/acls/record.py`.
"""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kbroker.state.acls import Acl, AclOperation, AclResourceType, Authorizer, PatternType, PermissionType
from kbroker.state.acls.authorizer import MAX_REMEMBERED, java_address

ALICE, HOST = "User:alice", "10.0.0.1"
TOPIC = AclResourceType.TOPIC


def allow(operation: AclOperation, name: str = "t", **other: object) -> Acl:
    acl = Acl(TOPIC, name, PatternType.LITERAL, ALICE, "*", operation, PermissionType.ALLOW)
    return acl._replace(**other)  # type: ignore[arg-type]


def deny(operation: AclOperation, name: str = "t", **other: object) -> Acl:
    return allow(operation, name, permission_type=PermissionType.DENY, **other)


def with_acls(*acls: Acl, super_users: tuple[str, ...] = (), allow_if_no_acl: bool = False) -> Authorizer:
    authorizer = Authorizer(super_users, allow_if_no_acl=allow_if_no_acl)
    authorizer.add(acls)
    return authorizer


def may(authorizer: Authorizer, operation: AclOperation, name: str = "t", host: str = HOST) -> bool:
    return authorizer.authorize(ALICE, host, operation, TOPIC, name)


def test_nothing_is_allowed_without_acls_unless_the_setting_says_so() -> None:
    assert not may(with_acls(), AclOperation.READ)
    assert may(with_acls(allow_if_no_acl=True), AclOperation.READ)
    # Any ACL on the resource ends that, whoever it is for.
    other = allow(AclOperation.WRITE, principal="User:bob")
    assert not may(with_acls(other, allow_if_no_acl=True), AclOperation.READ)


def test_super_users_may_do_all() -> None:
    assert may(with_acls(deny(AclOperation.ALL), super_users=(ALICE,)), AclOperation.READ)


def test_a_denial_wins_from_wherever_it_comes() -> None:
    for pattern, name in ((PatternType.LITERAL, "*"), (PatternType.PREFIXED, "t")):
        denied = deny(AclOperation.READ, name, pattern_type=pattern)
        assert not may(with_acls(allow(AclOperation.READ), denied), AclOperation.READ)


def test_reading_implies_describing_but_not_reading_does_not_hide() -> None:
    assert may(with_acls(allow(AclOperation.READ)), AclOperation.DESCRIBE)
    assert may(with_acls(allow(AclOperation.WRITE), deny(AclOperation.READ)), AclOperation.DESCRIBE)
    assert may(with_acls(allow(AclOperation.ALTER_CONFIGS)), AclOperation.DESCRIBE_CONFIGS)
    assert not may(with_acls(allow(AclOperation.READ)), AclOperation.WRITE)


def test_hosts_are_compared_as_java_writes_them() -> None:
    authorizer = with_acls(allow(AclOperation.READ, host="0:0:0:0:0:0:0:1"))
    assert may(authorizer, AclOperation.READ, host="::1")
    assert not may(authorizer, AclOperation.READ, host=HOST)
    assert java_address("fe80::0a%eth0") == "fe80:0:0:0:0:0:0:a%eth0"


def test_a_removed_acl_has_no_effect_any_more() -> None:
    acl = allow(AclOperation.READ, "a", pattern_type=PatternType.PREFIXED)
    authorizer = with_acls(acl, acl)
    assert may(authorizer, AclOperation.READ, "abc")
    assert acl in authorizer
    assert list(authorizer) == [acl]
    authorizer.remove([acl, acl])
    assert not may(authorizer, AclOperation.READ, "abc")
    assert len(authorizer) == 0


def test_any_resource_will_do() -> None:
    def may_any(*acls: Acl) -> bool:
        return with_acls(*acls).authorize_any(ALICE, HOST, AclOperation.WRITE, TOPIC)

    mine = allow(AclOperation.WRITE, "abc")
    assert may_any(mine)
    assert not may_any()
    assert not may_any(mine, deny(AclOperation.WRITE, "*"))
    assert not may_any(mine, deny(AclOperation.WRITE, "abc"))
    assert not may_any(mine, deny(AclOperation.WRITE, "ab", pattern_type=PatternType.PREFIXED))
    assert may_any(mine, deny(AclOperation.WRITE, "abcd", pattern_type=PatternType.PREFIXED))
    assert may_any(mine, deny(AclOperation.WRITE, "abc", principal="User:bob"))
    assert may_any(allow(AclOperation.ALL, "*"))


def test_what_is_remembered_is_bounded() -> None:
    authorizer = with_acls(allow(AclOperation.READ, "*"))
    for number in range(MAX_REMEMBERED + 10):
        assert may(authorizer, AclOperation.READ, str(number))
    assert len(authorizer._answers) <= MAX_REMEMBERED
    remembered = len(authorizer._answers)
    assert may(authorizer, AclOperation.READ, "x" * 1000)
    assert len(authorizer._answers) == remembered


RECORDED = json.loads((Path(__file__).parents[2] / "data" / "authorizations_4.3.1.json").read_text())


def answers(authorizer: Authorizer, asked: dict[str, Any]) -> str:
    """Every question that was asked, in its order: 1 for allowed, 0 for denied."""
    operations = [AclOperation(number) for number in asked["operations"]]
    types = [AclResourceType(number) for number in asked["types"]]
    of_client = (asked["principals"], asked["hosts"], operations, types)
    by_name = (authorizer.authorize(*question) for question in product(*of_client, asked["names"]))
    of_any = (authorizer.authorize_any(*question) for question in product(*of_client))
    return "".join("01"[allowed] for allowed in (*by_name, *of_any))


@pytest.mark.parametrize("number", range(len(RECORDED["sets"])))
def test_allows_what_apache_kafkas_standard_authorizer_allows(number: int) -> None:
    recorded = RECORDED["sets"][number]
    authorizer = Authorizer(
        [name for name in recorded["super_users"].split(";") if name],
        allow_if_no_acl=recorded["allow_if_no_acl"],
    )
    authorizer.add(Acl(*acl) for acl in recorded["acls"])
    found = answers(authorizer, RECORDED["asked"])
    assert f"{int(found, 2):0{len(recorded['allowed'])}x}" == recorded["allowed"]
