import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import Acl, AclFilter, check_new

EVERYTHING = AclFilter(1, None, 1, None, None, 1, 1)
LITERAL = Acl(2, "t-1", 3, "User:alice", "*", 3, 3)
PREFIX = LITERAL._replace(resource_name="t", pattern_type=4)
ALL_TOPICS = LITERAL._replace(resource_name="*")
ACLS = (LITERAL, PREFIX, ALL_TOPICS)


def found(**given: object) -> tuple[Acl, ...]:
    acl_filter = EVERYTHING._replace(**given)  # type: ignore[arg-type]
    return tuple(acl for acl in ACLS if acl_filter.matches(acl))


def test_what_is_left_open_matches_all() -> None:
    assert found() == ACLS


@pytest.mark.parametrize(
    "field",
    [
        {"resource_type": 3},
        {"principal": "User:bob"},
        {"host": "h"},
        {"operation": 4},
        {"permission_type": 2},
    ],
)
def test_each_field_leaves_out_what_has_another_value(field: dict[str, object]) -> None:
    assert found(**field) == ()


def test_names_are_compared_as_the_pattern_type_says() -> None:
    assert found(pattern_type=1, resource_name="t-1") == (LITERAL,)
    assert found(pattern_type=2, resource_name="t-1") == ACLS
    assert found(pattern_type=2, resource_name="x") == (ALL_TOPICS,)
    assert found(pattern_type=3, resource_name="t-1") == (LITERAL,)
    assert found(pattern_type=4, resource_name="t-1") == ()
    assert found(pattern_type=4, resource_name="t") == (PREFIX,)
    assert found(pattern_type=4) == (PREFIX,)


def test_what_a_number_may_be() -> None:
    assert EVERYTHING._replace(operation=0).unreadable
    assert not EVERYTHING.unreadable
    assert EVERYTHING._replace(operation=99).meaningless
    assert not EVERYTHING.meaningless
    assert AclFilter(*LITERAL._replace(operation=1)).for_any
    assert not AclFilter(*LITERAL).for_any


@pytest.mark.parametrize(
    "field",
    [
        {"resource_type": 4},
        {"resource_name": ""},
        {"operation": 99},
        {"permission_type": -1},
        {"principal": "alice"},
        {"principal": ""},
    ],
)
def test_what_is_no_acl_is_refused(field: dict[str, object]) -> None:
    check_new(LITERAL)
    with pytest.raises(KafkaError) as refused:
        check_new(LITERAL._replace(**field))  # type: ignore[arg-type]
    assert refused.value.code is ErrorCode.INVALID_REQUEST
    assert refused.value.message
