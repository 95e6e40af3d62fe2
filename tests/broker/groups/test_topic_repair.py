"""kbroker/broker/groups/topic_repair.py: brokers that died, and what the topic tells after the next start."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from kbroker.broker.broker import Broker
from kbroker.broker.changelog import Changelog
from kbroker.broker.changelog_repair import Told
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.records import iter_batches
from kbroker.state.groups.commit import Committer
from kbroker.state.groups.group import Group
from kbroker.state.groups.records import group_key, offset_key, offset_value
from kbroker.state.groups.stored import encode_group
from kbroker.state.offsets import CommittedOffset
from kbroker.storage.log.data_dir import CLEAN_SHUTDOWN

NOW = 1_700_000_000_000


@asynccontextmanager
async def started(path: Path, *, unclean: bool = False) -> AsyncIterator[Broker]:
    if unclean:
        (path / CLEAN_SHUTDOWN).unlink()
    config = BrokerConfig.of({"offsets.topic.num.partitions": "2"})
    async with open_broker(config, path) as broker:
        yield broker


async def topic_id(broker: Broker) -> bytes:
    topic = broker.topics.get("t") or await broker.topics.create("t", 3, {})
    return topic.topic_id


async def offset(broker: Broker, number: int) -> CommittedOffset:
    return CommittedOffset(number, 0, "", NOW, -1, await topic_id(broker))


async def commit(broker: Broker, number: int, group: str = "g") -> None:
    await broker.groups.offsets.commit(Committer(group), {("t", 0): await offset(broker, number)})


async def told(broker: Broker) -> dict[bytes, bytes]:
    """What readers find in the whole topic."""
    topic = broker.topics.get("__consumer_offsets")
    assert topic is not None
    found = Told()
    for index in range(topic.partitions):
        store = (await broker.partition(topic, index)).store
        for header, batch in iter_batches((await store.read(0, 1_000_000)).records):
            found.take(header, batch)
    return {key: value for key, value in found.values.items() if value is not None}


async def silently(monkeypatch: pytest.MonkeyPatch, broker: Broker, number: int, group: str = "g") -> None:
    """A commit after which the broker died at once."""

    async def die(*_: object) -> None:
        pass

    with monkeypatch.context() as patch:
        patch.setattr(Changelog, "append", die)
        patch.setattr(Changelog, "append_to", die)
        await commit(broker, number, group)


async def repair(broker: Broker) -> None:
    await broker.groups.topic_repair.run(trio.lowlevel.checkpoint)


async def test_after_a_clean_stop_there_is_nothing_to_do(tmp_path: Path) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
    async with started(tmp_path) as broker:
        assert not broker.groups.topic_repair.is_due


async def test_a_commit_that_the_topic_missed_is_told_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
        await silently(monkeypatch, broker, 6)
        await silently(monkeypatch, broker, 7, "new")
        expected = {
            offset_key(group, "t", 0): offset_value(await offset(broker, number))
            for group, number in (("g", 6), ("new", 7))
        }
    async with started(tmp_path, unclean=True) as broker:
        await repair(broker)
        assert await told(broker) == expected
        assert not broker.groups.topic_repair.is_due


async def test_what_the_store_lost_is_told_no_longer(tmp_path: Path) -> None:
    """A power cut may take the store's last changes and leave the topic's."""
    async with started(tmp_path) as broker:
        await commit(broker, 5)
        await broker._stores.groups.save_group("g", encode_group(Group("g", state_timestamp_ms=NOW)))
        await commit(broker, 6, "lost")
        await broker._stores.groups.forget({}, ["lost"])
        expected = {
            offset_key("g", "t", 0): offset_value(await offset(broker, 5)),
            group_key("g"): encode_group(Group("g", state_timestamp_ms=NOW)),
        }
    async with started(tmp_path, unclean=True) as broker:
        await repair(broker)
        assert await told(broker) == expected


async def test_a_directory_from_before_the_topic_was_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with started(tmp_path) as broker:
        await silently(monkeypatch, broker, 5)
    async with started(tmp_path) as broker:
        await repair(broker)
        assert set(await told(broker)) == {offset_key("g", "t", 0)}


async def test_what_a_transaction_holds_is_no_difference(tmp_path: Path) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
        before = await told(broker)
        held = {("t", 0): await offset(broker, 9)}
        await broker.groups.transactional_offsets.commit(Committer("g"), 7, 0, held)
    async with started(tmp_path, unclean=True) as broker:
        await repair(broker)
        assert await told(broker) == before


async def test_a_partition_that_cannot_be_read_stays_stale(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
        topic = broker.topics.get("__consumer_offsets")
        assert topic is not None
        for index in range(2):
            store = (await broker.partition(topic, index)).store
            store.log.fail(OSError(5, "no disk"))  # type: ignore[attr-defined]
        await commit(broker, 6)
        assert broker.groups.topic_repair.is_due
        await repair(broker)
        assert broker.groups.topic_repair.is_due
        assert "cannot be repaired yet" in caplog.text


async def test_a_running_broker_repairs_it_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: trio.testing.MockClock
) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
        await silently(monkeypatch, broker, 6)
    async with started(tmp_path, unclean=True) as broker, trio.open_nursery() as nursery:
        await nursery.start(broker.run)
        await trio.sleep(1)
        assert await told(broker) == {offset_key("g", "t", 0): offset_value(await offset(broker, 6))}
        nursery.cancel_scope.cancel()


async def test_two_commits_of_a_partition_that_is_not_open_yet_are_told_in_their_order(
    tmp_path: Path,
) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
    async with started(tmp_path) as broker:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(commit, broker, 6)
            nursery.start_soon(commit, broker, 7)
        (last,) = (await told(broker)).values()
        (stored,) = await broker._stores.groups.load()
        assert last == offset_value(stored.offsets["t", 0])


async def test_a_commit_that_is_cancelled_is_in_both_or_in_neither(tmp_path: Path) -> None:
    async with started(tmp_path) as broker:
        await commit(broker, 5)
    async with started(tmp_path) as broker:
        with trio.CancelScope() as scope:
            scope.cancel()
            await commit(broker, 6)
        (last,) = (await told(broker)).values()
        (stored,) = await broker._stores.groups.load()
        assert last == offset_value(stored.offsets["t", 0])
