"""The broker object: what a restart finds, and who opens what."""

import functools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
import trio

from kbroker.broker.broker import Broker
from kbroker.broker.connection_limits import ConnectionLimits
from kbroker.clock import SystemClock
from kbroker.config.broker_config import BrokerConfig
from kbroker.config.effective import EFFECTIVE_BROKER_CONFIGS
from kbroker.embedded import open_broker
from kbroker.errors import StartupError
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import Record, encode_batch, parse_header
from kbroker.state.topics import Topic

MADE_WHEN_NEEDED = [
    name for name, each in vars(Broker).items() if isinstance(each, property | functools.cached_property)
]
# Of any type, and at all bounds.
TEXTS = (
    *(str(sign * 2**bits) for sign in (-1, 1) for bits in (15, 31, 63)),
    *(str(2**bits - 1) for bits in (15, 31, 63)),
    *("-1", "0", "1", "7", "0.5", "true", "x", "x:y", ","),
)


def is_taken(setting: str, text: str) -> bool:
    try:
        BrokerConfig.of({setting: text})
    except StartupError:
        return False
    return True


SETTINGS = EFFECTIVE_BROKER_CONFIGS - {
    "authorizer.class.name",  # the authorizer is made at the start
    "broker.id",  # node.id's other name, which may be less
}
TAKEN = {name: [text for text in TEXTS if is_taken(name, text)] for name in SETTINGS}


class MovingClock:
    """Goes with trio's, and can be asked from worker threads too."""

    def __init__(self) -> None:
        self._clock = trio.lowlevel.current_clock()

    def now_ms(self) -> int:
        return 1_700_000_000_000 + int(self._clock.current_time() * 1000)


@asynccontextmanager
async def running(data_dir: Path, **configs: str) -> AsyncIterator[Broker]:
    """A broker with its tasks; configs with `_` for `.`."""
    config = BrokerConfig.of({name.replace("_", "."): value for name, value in configs.items()})
    async with open_broker(config, data_dir, MovingClock()) as broker, trio.open_nursery() as nursery:
        await nursery.start(broker.run)
        yield broker
        nursery.cancel_scope.cancel()


async def append(broker: Broker, topic: Topic) -> None:
    batch = encode_batch([Record(0, broker.clock.now_ms(), b"k", bytes(100))])
    await (await broker.partition(topic, 0)).append(memoryview(batch), parse_header(batch))


async def appears(path: Path) -> None:
    for _ in range(500):
        if path.exists():  # noqa: ASYNC240  quick, and this is a test
            return
        await trio.sleep(0.01)
    raise AssertionError(path)


async def test_a_restart_finds_everything(tmp_path: Path) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 2, {"retention.ms": "5000"})
        await append(broker, topic)
        cluster_id = broker.cluster_id
    async with running(tmp_path) as broker:
        assert broker.cluster_id == cluster_id
        found = broker.topics.get("t")
        assert found is not None
        assert (found.topic_id, found.partitions, found.config.retention_ms) == (topic.topic_id, 2, 5000)
        assert (await broker.partition(found, 0)).store.high_watermark == 1


async def test_a_long_recovery_is_done_by_one_while_others_have_their_turn(tmp_path: Path) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 1, {})
        for _ in range(3000):
            await append(broker, topic)
        shutil.copytree(tmp_path, tmp_path / "crashed", ignore=shutil.ignore_patterns("crashed", ".lock"))
    async with running(tmp_path / "crashed") as broker:
        found = broker.topics.get("t")
        assert found is not None
        partitions = []

        async def ask() -> None:
            partitions.append(await broker.partition(found, 0))

        turns = 0
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(ask)
            while len(partitions) < 3:
                turns += 1
                await trio.lowlevel.checkpoint()
        assert turns > 5
        assert partitions == [partitions[0]] * 3
        assert partitions[0].store.high_watermark == 3000


async def test_replicas_move_in_the_background_and_go_on_after_a_restart(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    dirs = ",".join(map(str, paths))
    async with running(paths[0], log_dirs=dirs) as broker:
        topic = await broker.topics.create("t", 1, {})
        await append(broker, topic)
        await broker.move_replica("t", 0, str(paths[1]))
        await appears(paths[1] / "t-0")
        await append(broker, topic)
    copy = paths[0] / f"t-0.{'0' * 32}-future"
    copy.mkdir()  # of a move that was not finished
    async with running(paths[0], log_dirs=dirs) as broker:
        await appears(paths[0] / "t-0")
        found = broker.topics.get("t")
        assert found is not None
        assert (await broker.partition(found, 0)).store.high_watermark == 2
        with pytest.raises(KafkaError, match="UNKNOWN_TOPIC_OR_PARTITION"):
            await broker.move_replica("t", 1, str(paths[0]))


async def test_a_deleted_topic_has_no_partitions_for_who_still_knows_it(tmp_path: Path) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 2, {})
        await broker.partition(topic, 0)
        await broker.topics.delete(topic)
        with pytest.raises(KafkaError, match="UNKNOWN_TOPIC_OR_PARTITION"):
            await broker.partition(topic, 1)
        assert not (tmp_path / "t-1").exists()


async def test_a_partition_is_one_object_for_everyone(tmp_path: Path) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 1, {})
        assert await broker.partition(topic, 0) is await broker.partition(topic, 0)


async def test_a_topic_made_anew_has_an_empty_log(tmp_path: Path) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 1, {})
        await append(broker, topic)
        await broker.topics.delete(topic)
        again = await broker.topics.create("t", 1, {})
        assert again.topic_id != topic.topic_id
        assert (await broker.partition(again, 0)).store.high_watermark == 0


async def test_flush_ms_syncs_off_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path) as broker:
        topic = await broker.topics.create("t", 1, {"flush.ms": "0"})
        await append(broker, topic)
        logs = broker._stores.logs
        assert logs.flush_due(broker.clock.now_ms() + 1)
        await trio.to_thread.run_sync(logs.flush, broker.clock.now_ms() + 1)
        assert not logs.flush_due(broker.clock.now_ms() + 1)


@pytest.mark.parametrize("setting", sorted(name for name, texts in TAKEN.items() if texts))
def test_what_is_made_when_it_is_needed_can_be_made_with_every_value_that_a_start_takes(setting: str) -> None:
    for text in TAKEN[setting]:
        broker = Broker(BrokerConfig.of({setting: text}), SystemClock(), Mock())
        for name in MADE_WHEN_NEEDED:
            getattr(broker, name)
        ConnectionLimits(broker.config, {"PLAINTEXT"}, lambda _: None).refusal("x")
