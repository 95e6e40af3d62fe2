"""What the broker's tasks do to logs that are compacted, or that nobody asks for."""

import logging
import os
import time
from pathlib import Path

import pytest
import trio

from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header, records_of
from kbroker.storage.interfaces.logs import PartitionStore

from .test_broker import append, running


async def put(store: PartitionStore, now_ms: int, *keys: str) -> None:
    for key in keys:
        batch = encode_batch([Record(0, now_ms, key.encode(), bytes(100))])
        await store.append(memoryview(batch), parse_header(batch))


async def test_compacted_topics_are_compacted(tmp_path: Path) -> None:
    async with running(tmp_path, log_cleaner_backoff_ms="10") as broker:
        configs = {"cleanup.policy": "compact", "segment.ms": "1"}
        topic = await broker.topics.create("t", 1, configs)
        store = (await broker.partition(topic, 0)).store
        await put(store, 1000, "a", "b", "a")
        await put(store, 2000, "a", "c")
        await put(store, 3000, "c")
        with trio.fail_after(10):
            while "cleaner-offset-checkpoint" not in os.listdir(tmp_path):  # noqa: ASYNC110  no one tells
                await trio.sleep(0.01)
        read = await store.read(0, 10_000)
        kept = [each.offset for _, batch in iter_batches(read.records) for each in records_of(batch)]
        assert kept == [1, 3, 4]


async def test_retention_reaches_what_nobody_asks_for(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 1, {"retention.ms": "60000"})
        await append(broker, topic)
    (log,) = (tmp_path / "t-0").glob("*.log")
    os.utime(log, (0, 0))
    async with running(tmp_path, log_retention_check_interval_ms="1000") as broker:
        await trio.sleep(62)
        assert not list((tmp_path / "t-0").glob("00000000000000000000.log"))
        assert (tmp_path / "t-0" / "00000000000000000001.log").exists()


async def test_groups_and_transactions_may_be_asked_for_when_housekeeping_has_ended(tmp_path: Path) -> None:
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        async with trio.open_nursery() as nursery:
            await nursery.start(broker.run)
            nursery.cancel_scope.cancel()
        assert not broker.groups.all()
        assert not broker.transactions.all()


async def test_delegation_tokens_that_expired_are_removed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(
        tmp_path,
        delegation_token_secret_key="key",
        delegation_token_expiry_check_interval_ms="1000",
    ) as broker:
        tokens = broker.delegation_tokens
        short = await tokens.create("User:alice", "User:alice", [], 1)
        long = await tokens.create("User:alice", "User:alice", [], -1)
        await trio.to_thread.run_sync(time.sleep, 0.01)
        await trio.sleep(2)
        assert [tokens.get(token.token_id) for token in (short, long)] == [None, long]


async def test_retention_is_enforced_now_and_then(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with running(tmp_path, log_retention_check_interval_ms="1000") as broker:
        topic = await broker.topics.create("t", 1, {"retention.ms": "60000"})
        await append(broker, topic)
        store = (await broker.partition(topic, 0)).store
        await trio.sleep(50)
        assert store.log_start_offset == 0
        await trio.sleep(20)
        assert store.log_start_offset == 1


async def test_housekeeping_goes_on_after_a_failure(
    tmp_path: Path,
    autojump_clock: trio.testing.MockClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(tmp_path, log_retention_check_interval_ms="1000") as broker:
        calls = 0

        async def fail(now_ms: int) -> None:
            nonlocal calls
            calls += 1
            raise OSError("disk on fire")

        monkeypatch.setattr(broker._stores.logs, "enforce_retention", fail)
        with caplog.at_level(logging.ERROR):
            await trio.sleep(3.5)
        assert calls == 3
        assert "disk on fire" in caplog.text
        monkeypatch.undo()
