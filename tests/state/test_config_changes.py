"""Changes of settings, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.config_changes import ConfigChange, Operation, apply_changes, check_changes

SET, DELETE, APPEND, SUBTRACT = Operation


def list_default(name: str) -> str | None:
    return {"policy": "delete", "replicas": ""}.get(name)


def changed(before: dict[str, str], name: str, operation: int, value: str | None) -> dict[str, str]:
    return apply_changes(before, [ConfigChange(name, operation, value)], list_default)


def test_set_and_delete() -> None:
    assert changed({"a": "1"}, "b", SET, "2") == {"a": "1", "b": "2"}
    assert changed({"a": "1"}, "a", SET, "2") == {"a": "2"}
    assert changed({"a": "1"}, "a", DELETE, None) == {}
    assert changed({"a": "1"}, "unknown", DELETE, None) == {"a": "1"}


@pytest.mark.parametrize(
    ("before", "operation", "value", "after"),
    [
        (None, APPEND, "compact", "delete,compact"),
        ("delete,compact", APPEND, "compact", "delete,compact"),
        ("delete,compact", SUBTRACT, "delete", "compact"),
        ("compact", SUBTRACT, "compact", ""),
        ("", SUBTRACT, "compact", ""),
        ("", APPEND, "delete,compact", "delete,compact"),
        ("delete,compact", SUBTRACT, "delete,compact", ""),
        (None, SUBTRACT, "delete", ""),
        ("delete, compact", SUBTRACT, "compact", "delete, compact"),
    ],
)
def test_lists(before: str | None, operation: int, value: str, after: str) -> None:
    assert changed({} if before is None else {"policy": before}, "policy", operation, value) == {
        "policy": after
    }


@pytest.mark.parametrize(
    ("name", "operation", "value", "code"),
    [
        ("number", APPEND, "1", ErrorCode.INVALID_CONFIG),
        ("number", SUBTRACT, "1", ErrorCode.INVALID_CONFIG),
        ("policy", APPEND, "", ErrorCode.INVALID_CONFIG),
        ("policy", 4, "1", ErrorCode.UNKNOWN_SERVER_ERROR),
        ("policy", -1, "1", ErrorCode.UNKNOWN_SERVER_ERROR),
    ],
)
def test_operations_that_cannot_be(name: str, operation: int, value: str, code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as caught:
        changed({}, name, operation, value)
    assert caught.value.code == code


def test_what_was_set_is_left_alone() -> None:
    """A change that fails half way must not show."""
    before = {"a": "1"}
    changes = [ConfigChange("a", SET, "2"), ConfigChange("number", APPEND, "3")]
    with pytest.raises(KafkaError):
        apply_changes(before, changes, list_default)
    assert before == {"a": "1"}


@pytest.mark.parametrize(
    "changes",
    [
        [ConfigChange("a", SET, "1"), ConfigChange("a", DELETE, None)],
        [ConfigChange("a", SET, None)],
        [ConfigChange("policy", APPEND, None)],
    ],
)
def test_a_setting_named_twice_or_without_a_value(changes: list[ConfigChange]) -> None:
    with pytest.raises(KafkaError) as caught:
        check_changes(changes)
    assert caught.value.code == ErrorCode.INVALID_REQUEST


def test_a_deletion_needs_no_value() -> None:
    check_changes([ConfigChange("a", DELETE, None), ConfigChange("b", SET, "")])
