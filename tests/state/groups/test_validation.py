"""kbroker/state/groups/validation.py"""

import pytest

from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.group import Group
from kbroker.state.groups.validation import current_generation_member, current_member


def test_members_are_found(stable: Group) -> None:
    assert current_member(stable, "a", None) is stable.members["a"]
    assert current_member(stable, "b", "i") is stable.members["b"]
    assert current_member(stable, "b", None) is stable.members["b"]  # the instance id need not be repeated
    assert current_generation_member(stable, "b", "i", 7) is stable.members["b"]


@pytest.mark.parametrize(
    ("member_id", "instance", "error"),
    [
        ("x", None, "UNKNOWN_MEMBER_ID"),
        ("", None, "UNKNOWN_MEMBER_ID"),
        ("a", "unknown", "UNKNOWN_MEMBER_ID"),
        ("a", "i", "FENCED_INSTANCE_ID"),
        ("x", "i", "FENCED_INSTANCE_ID"),
    ],
)
def test_others_are_told_why_not(stable: Group, member_id: str, instance: str | None, error: str) -> None:
    with pytest.raises(KafkaError, match=error):
        current_member(stable, member_id, instance)


@pytest.mark.parametrize("generation", [-1, 6, 8])
def test_of_another_generation(stable: Group, generation: int) -> None:
    with pytest.raises(KafkaError, match="ILLEGAL_GENERATION"):
        current_generation_member(stable, "a", None, generation)
