"""Consumer groups: sharing, leaving, resuming."""

import threading
from collections import Counter
from collections.abc import Callable

from harness.pyclient.adapter import Consumer, Message, Partition, Record
from harness.pyclient.main import POLL_S, Context, check, equal, eventually, read


class Member:
    """A group member that polls, and commits what it polled, on a thread of its own until it leaves."""

    def __init__(self, join: Callable[[], Consumer], commits: bool = True) -> None:
        self.records: list[Record] = []
        self.partitions: set[Partition] = set()
        self.error: Exception | None = None
        self._join, self._commits = join, commits
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Leave the group, and wait for that."""
        self._leaving.set()
        self._thread.join(30)
        assert not self._thread.is_alive(), "a member doesn't leave"

    def _run(self) -> None:
        try:
            with self._join() as consumer:
                while not self._leaving.is_set():
                    polled = consumer.poll(POLL_S)
                    self.records += polled
                    if polled and self._commits:
                        consumer.commit()
                    self.partitions = consumer.assignment()
        except Exception as error:  # noqa: BLE001 kept for the check to raise
            self.error = error


def shares(members: list[Member]) -> list[int]:
    """How many partitions each has, ascending; raises what any of them raised."""
    for member in members:
        if member.error:
            raise member.error
    return sorted(len(member.partitions) for member in members)


def await_shares(members: list[Member], wanted: list[int]) -> None:
    """Wait until the partitions are shared out like this, none twice."""
    try:
        eventually(lambda: shares(members) == wanted, f"partitions shared out as {wanted}", 60)
    except AssertionError as error:
        raise AssertionError(f"{error}; now {shares(members)}") from error
    twice = [part for part, times in Counter(p for m in members for p in m.partitions).items() if times > 1]
    assert not twice, f"partitions with two owners: {twice}"


@check("a group of three, one leaves", quick=True)
def three_then_two(on: Context) -> None:
    topic, group = on.name("shared"), on.name("three")
    on.create_topic(topic, 6)
    members = [Member(lambda: on.client.consumer(topic, group=group)) for _ in range(3)]
    try:
        await_shares(members, [2, 2, 2])
        on.client.produce(topic, [Message(b"%d" % n, partition=n % 6) for n in range(60)])
        eventually(lambda: sum(len(member.records) for member in members) >= 60, "60 records")
        assert all(member.records for member in members), "a member that read nothing"
        members[2].leave()
        await_shares(members[:2], [3, 3])
        on.client.produce(topic, [Message(b"%d" % n, partition=n % 6) for n in range(60, 120)])
        eventually(lambda: sum(len(member.records) for member in members) >= 120, "120 records")
    finally:
        for member in members:
            member.leave()
    read_values = sorted(int(record.value or b"-1") for member in members for record in member.records)
    equal(read_values, list(range(120)), "each record once")


@check("another member takes over what was committed", quick=True)
def resume(on: Context) -> None:
    topic, group = on.name("resumed"), on.name("resuming")
    on.client.produce(topic, [Message(b"%d" % n, partition=0) for n in range(20)])
    with on.client.consumer(topic, group=group) as consumer:
        equal(len(read(consumer, 20)), 20, "records")
        consumer.commit()
    on.client.produce(topic, [Message(b"%d" % n, partition=0) for n in range(20, 25)])
    with on.client.consumer(topic, group=group) as consumer:
        uncommitted = read(consumer, 5)
    with on.client.consumer(topic, group=group) as consumer:
        again = read(consumer, 5)
    equal([record.offset for record in uncommitted], list(range(20, 25)), "offsets after the commit")
    equal([record.offset for record in again], list(range(20, 25)), "offsets not committed")


@check("two groups read everything each")
def two_groups(on: Context) -> None:
    topic = on.name("pub-sub")
    on.client.produce(topic, [Message(b"%d" % n, partition=n % 4) for n in range(40)])
    for group in ("one", "other"):
        with on.client.consumer(topic, group=on.name(group)) as consumer:
            values = sorted(int(record.value or b"-1") for record in read(consumer, 40))
        equal(values, list(range(40)), f"values in group {group}")


@check("groups are listed, described and deleted")
def administer(on: Context) -> None:
    topic, group = on.name("described"), on.name("group")
    on.client.produce(topic, [Message(b"%d" % n, partition=0) for n in range(7)])
    member = Member(lambda: on.client.consumer(topic, group=group))
    try:
        eventually(lambda: len(member.records) == 7, "7 records")
        equal(on.client.group_members(group), ("stable", 1), "state and members")
        assert group in on.client.groups(), "not listed"
    finally:
        member.leave()
    equal(on.client.group_members(group), ("empty", 0), "state and members after the last has left")
    equal({p: o for p, o in on.client.group_offsets(group).items() if o > 0}, {(topic, 0): 7}, "offsets")
    on.client.delete_group(group)
    assert group not in on.client.groups(), "still listed"
    on.expect_error(69, lambda: on.client.delete_group(group))


@check("a group with a member can't be deleted")
def not_empty(on: Context) -> None:
    topic, group = on.name("busy"), on.name("busy-group")
    on.client.produce(topic, [Message(b"x", partition=0)])
    member = Member(lambda: on.client.consumer(topic, group=group), commits=False)
    try:
        eventually(lambda: member.records, "a record")
        on.expect_error(68, lambda: on.client.delete_group(group))
    finally:
        member.leave()
