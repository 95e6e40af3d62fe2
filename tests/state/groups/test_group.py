"""kbroker/state/groups/group.py"""

from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.member import Member


def member(member_id: str, *protocols: str, instance: str | None = None) -> Member:
    offers = [(name, f"{member_id}:{name}".encode()) for name in protocols]
    return Member(member_id, instance, "c", "/h", 10_000, 1000, "consumer", offers)


def test_the_first_member_leads_and_gives_the_type() -> None:
    group = Group("g")
    group.add(member("a", "range"))
    group.add(member("b", "range"))
    assert (group.leader_id, group.protocol_type) == ("a", "consumer")
    group.remove("a")
    assert group.leader_id == "b"
    group.remove("b")
    assert group.leader_id is None


def test_an_empty_group_supports_any_protocol_that_there_is() -> None:
    group = Group("g")
    assert group.supports("anything", ["x"])
    assert not group.supports("", ["x"])
    assert not group.supports("anything", [])


def test_others_support_what_all_members_offer() -> None:
    group = Group("g")
    group.add(member("a", "range", "sticky"))
    group.add(member("b", "sticky", "other"))
    group.state = GroupState.STABLE
    assert group.supports("consumer", ["new", "sticky"])
    assert not group.supports("connect", ["sticky"])
    assert not group.supports("consumer", ["range"])
    assert group.select_protocol() == "sticky"
    group.remove("b")
    assert group.supports("consumer", ["range"])
    group.replace_protocols(group.members["a"], [("other", b"")])
    assert not group.supports("consumer", ["range"])


def test_the_rebalance_timeout_is_that_of_the_slowest_member() -> None:
    group = Group("g")
    assert group.rebalance_timeout_ms == 0
    group.add(member("a", "range"))
    group.members["a"].rebalance_timeout_ms = 7
    group.add(member("b", "range"))
    assert group.rebalance_timeout_ms == 1000


def test_a_renamed_static_member_keeps_its_place() -> None:
    group = Group("g")
    group.add(member("a", "range", instance="i"))
    group.add(member("b", "range"))
    group.start_session(group.members["a"], 0)
    group.rename_static(group.members["a"], "a2")
    assert list(group.members) == ["a2", "b"]
    assert (group.leader_id, group.static_members) == ("a2", {"i": "a2"})
    assert group.deadlines.next() is None


def test_all_are_there_when_nobody_is_waited_for(stable: Group) -> None:
    assert not stable.all_joined
    stable.join_tokens |= {"a": 1, "b": 2}
    assert stable.all_joined
    stable.pending_joins.add("p")
    assert not stable.all_joined


def test_only_the_leader_is_told_of_the_members(stable: Group) -> None:
    leads, follows = stable.current_generation("a"), stable.current_generation("b")
    assert [one.member_id for one in leads.members] == ["a", "b"]
    assert follows.members == []
    assert (follows.generation_id, follows.protocol_name, follows.leader) == (7, "range", "a")


def test_subscriptions_are_those_under_the_chosen_protocol() -> None:
    group = Group("g")
    subscription = b"\0\0\0\0\0\1\0\1t\xff\xff\xff\xff"
    group.add(Member("a", None, "c", "/h", 1, 1, "consumer", [("x", b"junk"), ("range", subscription)]))
    group.add(Member("b", None, "c", "/h", 1, 1, "consumer", [("range", subscription)]))
    group.choose_protocol()
    assert group.protocol_name == "range"
    assert group.is_subscribed_to("t")
    assert not group.is_subscribed_to("u")


def test_other_types_subscribe_to_nothing_the_broker_knows_of() -> None:
    group = Group("g", protocol_type="connect")
    group.learn_subscriptions()
    assert not group.is_subscribed_to("t")
