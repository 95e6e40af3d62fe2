"""kbroker/state/groups/stored.py"""

import pytest

from kbroker.protocol.errors import ProtocolError
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.member import Member
from kbroker.state.groups.stored import decode_group, encode_group


def stable_group() -> Group:
    group = Group("g", GroupState.STABLE, state_timestamp_ms=1234, generation_id=7)
    group.add(Member("m1", None, "client", "/10.0.0.1", 6000, 60000, "consumer", [("range", b"x")], b"A1"))
    group.add(Member("m2", "i2", "", "/::1", 6000, 3, "consumer", [("rr", b"-"), ("range", b"y")], b"A2"))
    group.protocol_name = "range"
    group.leader_id = "m2"
    return group


def test_a_stable_group_comes_back_with_its_generation() -> None:
    group = decode_group("g", encode_group(stable_group()))
    assert (group.state, group.generation_id, group.leader_id) == (GroupState.STABLE, 7, "m2")
    assert (group.protocol_type, group.protocol_name) == ("consumer", "range")
    assert group.state_timestamp_ms == 1234
    assert group.static_members == {"i2": "m2"}
    assert group.members["m1"] == Member(
        "m1", None, "client", "/10.0.0.1", 6000, 60000, "consumer", [("range", b"x")], b"A1"
    )
    assert group.members["m2"].protocols == [("range", b"y")]  # only what was agreed on is kept
    assert group.select_protocol() == "range"


def test_an_empty_group_comes_back_empty() -> None:
    group = decode_group("g", encode_group(Group("g", generation_id=3, protocol_type="consumer")))
    assert (group.state, group.generation_id, group.protocol_type) == (GroupState.EMPTY, 3, "consumer")
    assert group.subscribed_topics == frozenset()


def test_a_group_that_never_had_members_has_no_type() -> None:
    assert decode_group("g", encode_group(Group("g"))).protocol_type is None


def test_the_bytes_are_those_of_apache_kafka() -> None:
    """The value of a GroupMetadata record that 4.3.1 wrote to __consumer_offsets."""
    value = bytes.fromhex("0003 0000 00000000 ffff ffff 000001a20aad61a2 00000000".replace(" ", ""))
    group = decode_group("grp-np0", value)
    assert group.state_timestamp_ms == 0x1A20AAD61A2
    assert encode_group(group) == value


def test_version_0_has_no_rebalance_timeout_and_the_session_timeout_serves() -> None:
    member = b"\0\x01m" + b"\0\0" + b"\0\0" + (5000).to_bytes(4, "big") + b"\0\0\0\0" * 2
    value = b"\0\0" + b"\0\x08consumer" + b"\0\0\0\x01" + b"\0\x01r" + b"\0\x01m" + b"\0\0\0\x01" + member
    assert decode_group("g", value).members["m"].rebalance_timeout_ms == 5000


@pytest.mark.parametrize("state", [b"", b"\x00", b"\x00\x05", b"\xff\xff", encode_group(stable_group())[:-1]])
def test_anything_else_is_refused(state: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_group("g", state)
