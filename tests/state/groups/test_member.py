"""kbroker/state/groups/member.py"""

from kbroker.state.groups.member import JoinCall, Member

CALL = JoinCall("", "i", "client", "/h", 10, 20, "consumer", [("sticky", b"s"), ("range", b"r")])


def test_a_new_member_is_what_it_said() -> None:
    member = Member.joining("m", CALL)
    assert (member.member_id, member.group_instance_id, member.client_id) == ("m", "i", "client")
    assert (member.session_timeout_ms, member.rebalance_timeout_ms) == (10, 20)
    assert member.is_new
    assert member.assignment == b""


def test_it_votes_for_its_favourite_among_the_candidates() -> None:
    member = Member.joining("m", CALL)
    assert member.vote({"range", "sticky"}) == "sticky"
    assert member.vote({"range"}) == "range"


def test_metadata_is_by_protocol() -> None:
    member = Member.joining("m", CALL)
    assert member.metadata("range") == b"r"
    assert member.metadata(None) == b""


def test_order_and_metadata_of_protocols_matter() -> None:
    member = Member.joining("m", CALL)
    assert member.matches((("sticky", b"s"), ("range", b"r")))
    assert not member.matches([("range", b"r"), ("sticky", b"s")])
    assert not member.matches([("sticky", b"s"), ("range", b"other")])
