"""kbroker/broker/groups/offsets.py"""

from typing import Any

import pytest

from kbroker.broker.groups import GroupCoordinator
from kbroker.broker.groups import offsets as offsets_module
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer
from kbroker.state.groups.leave import Leaving
from kbroker.state.groups.pending_offsets import PendingOffset
from kbroker.state.groups.records import group_key, offset_key, offset_value
from kbroker.state.offsets import CommittedOffset

Bench = Any  # what conftest.py makes
TOPIC_ID = bytes(range(16))
MINUTE = 60_000


def offset(number: int, committed_at: int = 1_000_000, expires: int = -1) -> CommittedOffset:
    return CommittedOffset(number, 0, "", committed_at, expires, TOPIC_ID)


def committed(groups: GroupCoordinator, partition: int = 0) -> CommittedOffset | None:
    group = groups.get("g")
    return None if group is None else group.offsets.get("t", partition)


async def test_a_commit_without_a_generation_makes_a_group(bench: Bench) -> None:
    groups = bench.coordinator()
    await groups.offsets.commit(Committer("g"), {("t", 0): offset(5)})
    assert committed(groups) == offset(5)

    restarted = bench.coordinator()
    await restarted.load()
    assert committed(restarted) == offset(5)


async def test_of_several_commits_the_last_one_outlives_a_restart(bench: Bench) -> None:
    groups = bench.coordinator()
    for number in (5, 6):
        await groups.offsets.commit(Committer("g"), {("t", 0): offset(number)})
    restarted = bench.coordinator()
    await restarted.load()
    assert committed(restarted) == offset(6)


async def test_a_commit_with_a_generation_needs_a_group(bench: Bench) -> None:
    groups = bench.coordinator()
    with pytest.raises(KafkaError, match="GROUP_ID_NOT_FOUND"):
        await groups.offsets.commit(Committer("g", "m", None, 1), {("t", 0): offset(5)})
    assert groups.get("g") is None


async def test_nothing_is_kept_of_a_commit_that_is_refused_or_fails(bench: Bench) -> None:
    groups = bench.coordinator()
    joined = await bench.lone_member(groups)
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        await groups.offsets.commit(Committer("g"), {("t", 0): offset(5)})
    bench.store.broken = True
    with pytest.raises(KafkaError, match="COORDINATOR_NOT_AVAILABLE"):
        await groups.offsets.commit(Committer("g", joined.member_id, None, 1), {("t", 0): offset(5)})
    assert committed(groups) is None
    assert bench.store.groups["g"].offsets == {}


async def test_a_deleted_topic_takes_its_offsets_along(bench: Bench) -> None:
    groups = bench.coordinator()
    await groups.offsets.commit(
        Committer("g"), {("t", 0): offset(5), ("t", 1): offset(6), ("u", 0): offset(7)}
    )
    await groups.topic_deleted("t")
    assert committed(groups) is None
    assert list(bench.store.groups["g"].offsets) == [("u", 0)]


async def test_retention_counts_from_when_the_group_became_empty(bench: Bench) -> None:
    bench.settings["offsets.retention.minutes"] = "10"
    groups = bench.coordinator()
    joined = await bench.lone_member(groups)
    await groups.offsets.commit(Committer("g", joined.member_id, None, 1), {("t", 0): offset(5)})
    bench.clock.now += 30 * MINUTE
    await groups.leave("g", [Leaving(joined.member_id)])
    bench.clock.now += 10 * MINUTE - 1

    restarted = bench.coordinator()  # the time is stored with the group
    await restarted.load()
    await restarted.expire_offsets()
    assert committed(restarted) == offset(5)
    bench.clock.now += 1
    await restarted.expire_offsets()
    assert restarted.get("g") is None
    assert bench.store.groups == {}


async def test_a_commit_may_bring_its_own_retention(bench: Bench) -> None:
    groups = bench.coordinator()
    expiring = offset(6, expires=bench.clock.now + 5)
    await groups.offsets.commit(Committer("g"), {("t", 0): offset(5), ("t", 1): expiring})
    bench.clock.now += 5
    await groups.expire_offsets()
    assert committed(groups, 0) == offset(5)
    assert committed(groups, 1) is None


async def test_live_groups_without_offsets_stay(bench: Bench) -> None:
    groups = bench.coordinator()
    await bench.lone_member(groups)
    await groups.expire_offsets()
    assert groups.get("g") is not None


async def test_whose_offsets_may_be_deleted(bench: Bench) -> None:
    groups = bench.coordinator()
    with pytest.raises(KafkaError, match="GROUP_ID_NOT_FOUND"):
        groups.offsets.check_delete("g")
    await groups.offsets.commit(Committer("g"), {("t", 0): offset(5)})
    group = groups.offsets.check_delete("g")
    await groups.offsets.delete(group, [("t", 0), ("t", 1)])
    assert committed(groups) is None
    assert bench.store.groups["g"].offsets == {}


async def test_the_topic_is_told_of_commits_and_of_what_is_forgotten(bench: Bench) -> None:
    groups = bench.coordinator()
    await groups.offsets.commit(Committer("g"), {("t", 0): offset(5)})
    assert bench.changelog.appended == [("g", (offset_key("g", "t", 0), offset_value(offset(5))))]
    bench.changelog.appended.clear()
    await groups.delete("g")
    index = await bench.changelog.partition_of("g")
    assert bench.changelog.appended == [
        (index, (offset_key("g", "t", 0), None)),
        (index, (group_key("g"), None)),
    ]


async def test_nothing_is_told_of_a_commit_that_fails(bench: Bench) -> None:
    groups = bench.coordinator()
    bench.store.broken = True
    with pytest.raises(KafkaError):
        await groups.offsets.commit(Committer("g"), {("t", 0): offset(5)})
    assert bench.changelog.appended == []


async def test_many_groups_expire_a_few_at_a_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each few are one transaction of the store, and one batch for each partition of the topic."""
    monkeypatch.setattr(offsets_module, "GROUPS_AT_ONCE", 2)
    groups = bench.coordinator()
    for group_id in ("a", "b", "c", "dd", "live"):
        await groups.offsets.commit(Committer(group_id), {("t", 0): offset(5)})
    group = groups.get("live")
    assert group is not None
    group.pending_offsets.put(1, ("t", 0), PendingOffset(offset(6)))
    bench.changelog.appended.clear()
    bench.clock.now += 8 * 24 * 60 * MINUTE
    await groups.expire_offsets()
    assert [group.group_id for group in groups.all()] == ["live"]
    assert bench.store.forgotten == [["a", "b"], ["c", "dd"]]
    told = [(index, key) for index, (key, value) in bench.changelog.appended if value is None]
    assert told == [
        (len(name), key)
        for name in ("a", "b", "c", "dd")
        for key in (offset_key(name, "t", 0), group_key(name))
    ]
