"""Transactions after a death at any moment: the record, the group's offset, and the topic that tells of it agree."""

import contextlib
import shutil
from pathlib import Path

import trio
from attrs import define, field

from kbroker.broker.changelog_repair import Told
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header
from kbroker.state.groups.commit import Committer
from kbroker.state.groups.records import offset_key, offset_value
from kbroker.state.offsets import CommittedOffset
from kbroker.state.topics import CONSUMER_OFFSETS
from kbroker.state.transactions.initialise import ProducerIdAndEpoch

from .crashing import Process, killed_and_back, moments_of


@define
class Transactions:
    """Two transactions that write a record and a group's offset each: one commits, one aborts."""

    told: list[str] = field(factory=list)

    async def run(self, process: Process) -> None:
        await process.broker.load()
        await process.broker.topics.create("t", 1, {})
        await process.commit(1)
        producer = await process.broker.transactions.init_producer_id("tx", 60_000, None)
        for commits in (True, False):
            await self._write(process, producer, offset=10 + len(self.told))
            self.told.append("written")
            producer = await process.broker.transactions.end(
                "tx", producer.producer_id, producer.epoch, commit=commits, client_version=2
            )
            self.told.append("committed" if commits else "aborted")

    async def _write(self, process: Process, producer: ProducerIdAndEpoch, offset: int) -> None:
        broker, who = process.broker, (producer.producer_id, producer.epoch)
        index, _ = await broker.groups.transactional_offsets.changelog_partition("g")
        partitions = [("t", 0), (CONSUMER_OFFSETS, index)]
        await broker.transactions.add_partitions("tx", *who, partitions, client_version=2)
        topic = broker.topics.get("t")
        assert topic is not None
        batch = encode_batch(
            [Record(0, broker.clock.now_ms(), b"k", str(offset).encode())],
            producer_id=producer.producer_id,
            producer_epoch=producer.epoch,
            base_sequence=0,
            transactional=True,
        )
        partition = await broker.partition(topic, 0)
        await partition.append(memoryview(batch), parse_header(batch))
        held = {("t", 0): CommittedOffset(offset, 0, "", broker.clock.now_ms(), -1, topic.topic_id)}
        await broker.groups.transactional_offsets.commit(Committer("g"), *who, held)


async def told_by(process: Process, topic_name: str) -> dict[bytes, bytes | None]:
    """What a topic's records come to for readers of committed ones."""
    told = Told()
    topic = process.broker.topics.get(topic_name)
    for index in range(topic.partitions if topic else 0):
        assert topic is not None
        store = (await process.broker.partition(topic, index)).store
        for header, batch in iter_batches((await store.read(0, 1 << 20)).records):
            told.take(header, batch)
    assert not told.in_flux
    return told.values


async def test_a_transaction_is_wholly_there_or_not_at_all_after_any_death(tmp_path: Path) -> None:
    """Its record, its offset, and what the offsets topic tells of it."""
    moments = await moments_of(Transactions(), tmp_path)
    assert moments > 60
    for moment in range(moments):
        story = Transactions()
        after = await killed_and_back(story, tmp_path, moment)
        with contextlib.suppress(KafkaError):  # who comes back has what is open aborted, and asks again
            await after.broker.transactions.init_producer_id("tx", 60_000, None)
        await after.broker.groups.topic_repair.suspect({0: 1}, clean=False)
        await after.broker.groups.topic_repair.run(trio.lowlevel.checkpoint)
        value = (await told_by(after, "t")).get(b"k")
        group = after.broker.groups.get("g")
        found = None if group is None else group.offsets.get("t", 0)
        if "committed" in story.told:
            assert value == b"10"
        elif "written" not in story.told:
            assert value is None
        assert (None if found is None or found.offset == 1 else str(found.offset).encode()) == value
        assert group is None or not group.pending_offsets
        key = offset_key("g", "t", 0)
        told = (await told_by(after, CONSUMER_OFFSETS)).get(key)
        assert told in (
            (None,) if found is None else (offset_value(found), offset_value(found, transactional=True))
        )
        after.kill()
        shutil.rmtree(tmp_path / str(moment))
