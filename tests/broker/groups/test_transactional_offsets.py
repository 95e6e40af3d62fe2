"""kbroker/broker/groups/transactional_offsets.py"""

from typing import Any

import pytest

from kbroker.broker.groups import GroupCoordinator
from kbroker.protocol.errors import KafkaError
from kbroker.state.groups.commit import Committer
from kbroker.state.groups.records import offset_key, offset_value
from kbroker.state.offsets import CommittedOffset

Bench = Any  # what conftest.py makes
TOPIC_ID = bytes(range(16))
PRODUCER, EPOCH = 7, 3
PARTITION = ("t", 0)
INDEX = 1  # of the changelog's partition: the bench's rule is the length of the group's id


def offset(number: int, topic_id: bytes = TOPIC_ID) -> CommittedOffset:
    return CommittedOffset(number, 0, "", 1_000_000, -1, topic_id)


async def commit(
    groups: GroupCoordinator, number: int, group: str = "g", producer_id: int = PRODUCER
) -> None:
    await groups.transactional_offsets.commit(
        Committer(group), producer_id, EPOCH, {PARTITION: offset(number)}
    )


async def restarted(bench: Bench) -> GroupCoordinator:
    groups: GroupCoordinator = bench.coordinator()
    await groups.load()
    return groups


def committed(groups: GroupCoordinator, group_id: str = "g") -> CommittedOffset | None:
    group = groups.get(group_id)
    return None if group is None else group.offsets.get(*PARTITION)


def is_pending(groups: GroupCoordinator) -> bool:
    group = groups.get("g")
    return group is not None and PARTITION in group.pending_offsets


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("commits", [False, True])
async def test_offsets_count_once_their_transaction_is_committed(
    bench: Bench, restarts: bool, commits: bool
) -> None:
    groups = bench.coordinator()
    await groups.offsets.commit(Committer("g"), {PARTITION: offset(1)})
    await commit(groups, 5)
    if restarts:
        groups = await restarted(bench)
    assert (committed(groups), is_pending(groups)) == (offset(1), True)
    for _ in range(2):  # a marker that is written twice does no harm
        await groups.complete_transaction(INDEX, PRODUCER, commit=commits)
    for each in (groups, await restarted(bench)):
        assert (committed(each), is_pending(each)) == (offset(5 if commits else 1), False)


async def test_the_topic_is_told_of_it_in_the_transaction(bench: Bench) -> None:
    groups = bench.coordinator()
    await commit(groups, 5)
    record = offset_key("g", "t", 0), offset_value(offset(5), transactional=True)
    assert bench.changelog.transactional == [(INDEX, PRODUCER, EPOCH, record)]
    await groups.complete_transaction(INDEX, PRODUCER, commit=True)
    assert bench.changelog.appended == [], "the marker says the rest"


async def test_only_the_groups_of_the_markers_partition_hear_of_it(bench: Bench) -> None:
    groups = bench.coordinator()
    await commit(groups, 5)
    await commit(groups, 6, "long")
    await groups.complete_transaction(len("long"), PRODUCER, commit=True)
    assert (committed(groups), is_pending(groups)) == (None, True)
    assert committed(groups, "long") == offset(6)
    await groups.complete_transaction(INDEX, PRODUCER + 1, commit=True)
    assert is_pending(groups)


async def test_a_later_commit_without_a_transaction_stays(bench: Bench) -> None:
    groups = bench.coordinator()
    await commit(groups, 5)
    await groups.offsets.commit(Committer("g"), {PARTITION: offset(3)})
    groups = await restarted(bench)
    await groups.complete_transaction(INDEX, PRODUCER, commit=True)
    assert committed(groups) == offset(3)


async def test_a_fenced_producer_leaves_nothing(bench: Bench) -> None:
    bench.changelog.newest_epoch = EPOCH + 1
    groups = bench.coordinator()
    with pytest.raises(KafkaError, match="INVALID_PRODUCER_EPOCH"):
        await commit(groups, 5)
    assert not is_pending(groups)
    assert bench.store.groups == {}


async def test_a_store_that_fails_leaves_nothing_pending(bench: Bench) -> None:
    groups = bench.coordinator()
    bench.store.broken = True
    with pytest.raises(KafkaError, match="COORDINATOR_NOT_AVAILABLE"):
        await commit(groups, 5)
    assert not is_pending(groups)


async def test_an_end_that_cannot_be_stored_can_be_tried_again(bench: Bench) -> None:
    groups = bench.coordinator()
    await commit(groups, 5)
    bench.store.broken = True
    with pytest.raises(KafkaError, match="KAFKA_STORAGE_ERROR"):
        await groups.complete_transaction(INDEX, PRODUCER, commit=True)
    assert is_pending(groups)
    bench.store.broken = False
    await groups.complete_transaction(INDEX, PRODUCER, commit=True)
    assert committed(groups) == offset(5)


async def test_a_member_that_no_longer_is_one_commits_nothing(bench: Bench) -> None:
    groups = bench.coordinator()
    joined = await bench.lone_member(groups)
    offsets = {PARTITION: offset(5)}
    for committer, error in [
        (Committer("g", joined.member_id, None, 99), "ILLEGAL_GENERATION"),
        (Committer("g", "stranger", None, joined.generation_id), "UNKNOWN_MEMBER_ID"),
        (Committer("nobody", "m", None, 1), "ILLEGAL_GENERATION"),
    ]:
        with pytest.raises(KafkaError, match=error):
            await groups.transactional_offsets.commit(committer, PRODUCER, EPOCH, offsets)
    assert groups.get("nobody") is None
    member = Committer("g", joined.member_id, None, joined.generation_id)
    await groups.transactional_offsets.commit(member, PRODUCER, EPOCH, {})
    assert not is_pending(groups)
    await groups.transactional_offsets.commit(member, PRODUCER, EPOCH, offsets)
    assert is_pending(groups)


async def test_pending_offsets_go_with_their_group_topic_or_partition(bench: Bench) -> None:
    for act in ("delete group", "delete topic", "delete offset"):
        groups = bench.coordinator()
        await commit(groups, 5)
        group = groups.get("g")
        assert group is not None
        if act == "delete group":
            await groups.delete("g")
        elif act == "delete topic":
            await groups.topic_deleted("t")
        else:
            await groups.offsets.delete(group, [PARTITION])
        assert ("t", 0) not in group.pending_offsets
        await groups.complete_transaction(INDEX, PRODUCER, commit=True)
        assert (committed(groups), is_pending(await restarted(bench))) == (None, False)
        assert (INDEX, (offset_key("g", "t", 0), None)) in bench.changelog.appended


async def test_a_group_with_pending_offsets_does_not_expire(bench: Bench) -> None:
    groups = bench.coordinator()
    await groups.offsets.commit(Committer("g"), {PARTITION: offset(1)})
    await commit(groups, 5)
    bench.clock.now += 8 * 24 * 3_600_000
    await groups.expire_offsets()
    assert committed(groups) == offset(1)
    await groups.complete_transaction(INDEX, PRODUCER, commit=False)
    await groups.expire_offsets()
    assert groups.get("g") is None


async def test_what_was_pending_in_a_topic_that_went_just_before_the_stop_is_forgotten(bench: Bench) -> None:
    groups = bench.coordinator()
    await groups.transactional_offsets.commit(Committer("g"), PRODUCER, EPOCH, {("gone", 0): offset(5)})
    groups = await restarted(bench)
    group = groups.get("g")
    assert group is not None
    assert not group.pending_offsets
    assert bench.changelog.appended == [("g", (offset_key("g", "gone", 0), None))]
