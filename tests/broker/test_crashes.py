"""Topics and groups after a death at any moment: nobody who asks the next process can tell that they are two."""

import contextlib
import shutil
from pathlib import Path

import pytest
from attrs import define, field

from kbroker.state.topics import CONSUMER_OFFSETS, TRANSACTION_STATE

from .crashing import FOREVER, Killed, Process, killed_and_back, moments_of

PARTITIONS = 3


@define
class Story:
    """A topic is made, used, deleted, made again and used; `told` is what was answered."""

    told: list[str] = field(factory=list)

    async def run(self, process: Process) -> None:
        await process.broker.load()
        topics = process.broker.topics
        first = await topics.create("t", PARTITIONS, {})
        self.told.append("created")
        assert [await process.append(index) for index in (0, 0, 1)] == [0, 1, 0]
        self.told.append("appended")
        await process.commit(2)
        self.told.append("committed")
        await topics.delete(first)
        self.told.append("deleted")
        await topics.create("t", PARTITIONS, {})
        self.told.append("created again")
        await process.append(0)
        self.told.append("appended again")


async def test_whenever_a_broker_dies_the_next_one_knows_what_was_answered(tmp_path: Path) -> None:
    moments = await moments_of(Story(), tmp_path)
    assert moments > 40
    for moment in range(moments):
        story = Story()
        after = await killed_and_back(story, tmp_path, moment)
        await check(after, story.told)
        after.kill()
        shutil.rmtree(tmp_path / str(moment))


async def check(process: Process, told: list[str]) -> None:
    ends, committed = await process.ends(), process.committed()
    # What was asked for last may have happened, or not; what was answered has.
    expected = {
        "": [([], None), ([0, 0, 0], None)],
        "created": [([n, 0, 0], None) for n in (0, 1, 2)] + [([2, 1, 0], None)],
        "appended": [([2, 1, 0], None), ([2, 1, 0], 2)],
        "committed": [([2, 1, 0], 2), ([], None)],
        "deleted": [([], None), ([0, 0, 0], None)],
        "created again": [([0, 0, 0], None), ([1, 0, 0], None)],
    }[told[-1] if told else ""]
    assert (ends, committed) in expected, told
    assert (await process.meta.load()).deletions == []
    assert await process.directories() == ([f"t-{index}" for index in range(PARTITIONS)] if ends else [])
    if not ends:
        await process.broker.topics.create("t", PARTITIONS, {})
        assert (await process.ends(), process.committed()) == ([0, 0, 0], None)
    assert await process.append(0) == (ends[0] if ends else 0)


@pytest.fixture
async def half_deleted(tmp_path: Path) -> Path:
    """A directory whose broker died when it had promised itself the deletion, and nothing else."""
    process = Process(tmp_path / "half")
    await process.broker.load()
    topic = await process.broker.topics.create("t", PARTITIONS, {})
    for index in range(2):
        await process.append(index)
    await process.commit(1)
    await process.meta.delete_topic(topic.topic_id)
    process.kill()
    return process.path


async def test_a_start_that_dies_while_it_finishes_a_deletion_is_made_up_for(
    half_deleted: Path, tmp_path: Path
) -> None:
    died = 0
    while True:
        path = tmp_path / f"start-{died}"
        shutil.copytree(half_deleted, path)
        process = Process(path, died)
        try:
            await process.broker.load()
        except Killed:
            died += 1
        else:
            break
        finally:
            process.kill()
        after = Process(path)
        await after.broker.load()
        await check(after, ["deleted"])
        after.kill()
    assert died > 8


@pytest.mark.parametrize("name", [CONSUMER_OFFSETS, TRANSACTION_STATE])
async def test_groups_and_transactional_ids_go_with_their_topic_whenever_a_broker_dies_that_deletes_it(
    name: str, tmp_path: Path
) -> None:
    settings = {"offsets.topic.num.partitions": "2", "transaction.state.log.num.partitions": "2"}
    process = Process(tmp_path / "both", settings=settings)
    await process.broker.load()
    await process.broker.topics.create("t", 1, {})
    await process.commit(1)
    await process.broker.transactions.init_producer_id("tx", 60_000, None)
    process.kill()

    died, told, found = 0, False, []
    while not told:
        path = tmp_path / f"{died}"
        shutil.copytree(process.path, path)
        dying = Process(path, settings=settings)
        await dying.broker.load()
        topic = dying.broker.topics.get(name)
        assert topic is not None
        dying.life.moments = died
        try:
            await dying.broker.topics.delete(topic)
        except Killed:
            died += 1
        else:
            told = True
        dying.kill()
        after = Process(path, settings=settings)
        await after.broker.load()
        internal = {
            CONSUMER_OFFSETS: after.broker.groups.get("g"),
            TRANSACTION_STATE: after.broker.transactions.get("tx"),
        }
        found.append(internal.pop(name) is not None)
        assert after.broker.topics.get(name) is after.broker.topics.by_id(topic.topic_id)  # gone, or the same
        assert found[-1] == (after.broker.topics.get(name) is not None)
        (other,) = internal.values()
        assert other is not None
        after.kill()
        shutil.rmtree(path)
    assert found[0]
    assert not found[-1]
    assert died > 6


async def test_more_partitions_are_there_after_a_crash_or_not_at_all(tmp_path: Path) -> None:
    for moment, expected in [(0, 1), (1, 1), (2, 1), (3, 2), (FOREVER, 2)]:
        process = Process(tmp_path / str(moment))
        await process.broker.load()
        topic = await process.broker.topics.create("t", 1, {})
        process.life.moments = moment
        with contextlib.suppress(Killed):
            await process.broker.topics.add_partitions(topic, 2)
        process.kill()
        after = Process(process.path)
        await after.broker.load()
        assert await after.ends() == [0] * expected
        after.kill()
