"""A transaction over partitions and a group's offsets, after a death at any moment: it counts wholly or not at all.

The moments are those of `crashing`: before and after every call of a store, and before every change of the disk
below the log, a write being half done.
"""

import shutil
from pathlib import Path

import pytest
from attrs import define, field

from kbroker.broker.transactions.admission import TransactionalBatch, admit
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import Record, encode_batch, iter_batches, parse_header, records_of
from kbroker.state.groups.commit import Committer
from kbroker.state.java_strings import partition_for
from kbroker.state.offsets import CommittedOffset
from kbroker.state.transactions.initialise import ProducerIdAndEpoch

from .crashing import FOREVER, Killed, Process

PARTITIONS = 2
SETTINGS = {"transaction.state.log.num.partitions": "1", "offsets.topic.num.partitions": "1"}


@define
class Producer:
    """Each of its transactions writes to every partition and commits an offset of a group."""

    process: Process
    version: int
    producer: ProducerIdAndEpoch = field(factory=lambda: ProducerIdAndEpoch(-1, -1))
    sequences: dict[int, int] = field(factory=dict)

    async def begin(self) -> None:
        """As a client: whoever has a transaction open is told to ask again."""
        while True:
            try:
                self.producer = await self.process.broker.transactions.init_producer_id("tx", 60_000, None)
            except KafkaError as error:
                if error.code is not ErrorCode.CONCURRENT_TRANSACTIONS:
                    raise
            else:
                self.sequences.clear()
                return

    async def transact(self, name: str, offset: int, *, commit: bool = True) -> None:
        for index in range(PARTITIONS):
            await self._write(index, f"{name}{index}".encode())
        await self._commit_offset(offset)
        transactions = self.process.broker.transactions
        producer = self.producer
        self.producer = await transactions.end(
            "tx", producer.producer_id, producer.epoch, commit=commit, client_version=self.version
        )
        if self.version >= 2:
            self.sequences.clear()

    async def _write(self, index: int, value: bytes) -> None:
        broker, producer = self.process.broker, self.producer
        topic = broker.topics.get("t")
        assert topic is not None
        if self.version < 2:
            ids = producer.producer_id, producer.epoch
            await broker.transactions.add_partitions("tx", *ids, [("t", index)])
        sequence = self.sequences.get(index, 0)
        batch = encode_batch(
            [Record(0, 5, b"k", value)],
            producer_id=producer.producer_id,
            producer_epoch=producer.epoch,
            base_sequence=sequence,
            transactional=True,
        )
        batches = [TransactionalBatch(topic, index, parse_header(batch))]
        produce_version = 12 if self.version >= 2 else 11
        assert not await admit(batches, "tx", produce_version, broker.transactions, broker.partition)
        await (await broker.partition(topic, index)).append(memoryview(batch), parse_header(batch))
        self.sequences[index] = sequence + 1

    async def _commit_offset(self, offset: int) -> None:
        broker, producer = self.process.broker, self.producer
        ids = producer.producer_id, producer.epoch
        partition = "__consumer_offsets", partition_for("g", 1)
        await broker.transactions.add_partitions("tx", *ids, [partition], client_version=self.version)
        topic = broker.topics.get("t")
        assert topic is not None
        committed = CommittedOffset(offset, 0, "", broker.clock.now_ms(), -1, topic.topic_id)
        await broker.groups.transactional_offsets.commit(Committer("g"), *ids, {("t", 0): committed})


async def story(process: Process, version: int, told: list[str]) -> None:
    """What happens; `told` is what the producer knows of it."""
    await process.broker.load()
    await process.broker.topics.create("t", PARTITIONS, {})
    told.append("created")
    producer = Producer(process, version)
    await producer.begin()
    for name, offset in (("a", 1), ("b", 2)):
        await producer.transact(name, offset)
        told.append(name)
    await producer.transact("x", 3, commit=False)
    told.append("aborted")
    await producer.transact("c", 4)
    told.append("c")


async def seen(process: Process) -> tuple[list[str], int | None]:
    """The transactions that readers of committed records see, each in all partitions; and the group's offset."""
    partitions = [await values(process, index) for index in range(PARTITIONS)]
    assert len({tuple(each) for each in partitions}) == 1, partitions
    return partitions[0], process.committed()


async def values(process: Process, index: int) -> list[str]:
    topic = process.broker.topics.get("t")
    if topic is None:
        return []
    store = (await process.broker.partition(topic, index)).store
    found: list[str] = []
    offset = 0
    while offset < store.last_stable_offset:
        read = await store.read(offset, 1_000_000, committed=True, at_least_one=True)
        aborted = {(each.producer_id, each.first_offset) for each in read.aborted_transactions}
        for header, batch in iter_batches(read.records):
            offset = header.last_offset + 1
            if not header.is_control and (header.producer_id, header.base_offset) not in aborted:
                found += [name_in(record, index) for record in records_of(batch)]
    return found


def name_in(record: Record, index: int) -> str:
    """The transaction's name, in the value of its record in a partition."""
    assert record.value is not None
    name = record.value.decode()
    assert name[-1] == str(index)
    return name[:-1]


# What was told last, and what may be seen then: the next transaction may have been committed without an answer.
EXPECTED: dict[str, list[tuple[list[str], int | None]]] = {
    "": [([], None)],
    "created": [([], None), (["a"], 1)],
    "a": [(["a"], 1), (["a", "b"], 2)],
    "b": [(["a", "b"], 2)],
    "aborted": [(["a", "b"], 2), (["a", "b", "c"], 4)],
    "c": [(["a", "b", "c"], 4)],
}


@pytest.mark.parametrize(("version", "at_least"), [(0, 100), (2, 100)])
async def test_whenever_a_broker_dies_a_transaction_counts_wholly_or_not_at_all(
    tmp_path: Path, version: int, at_least: int
) -> None:
    whole = Process(tmp_path / "whole", settings=SETTINGS)
    await story(whole, version, [])
    moments = FOREVER - whole.life.moments
    whole.kill()
    assert moments > at_least
    Process(tmp_path / "empty").kill()
    for moment in range(moments):
        path = tmp_path / str(moment)
        shutil.copytree(tmp_path / "empty", path)
        told: list[str] = []
        process = Process(path, moment, SETTINGS)
        with pytest.raises(Killed):
            await story(process, version, told)
        process.kill()
        after = Process(path, settings=SETTINGS)
        await after.broker.load()
        before = await seen(after)
        assert before in EXPECTED[told[-1] if told else ""], (moment, told)
        await check_life_goes_on(after, version, before[0])
        after.kill()
        shutil.rmtree(path)


async def check_life_goes_on(process: Process, version: int, before: list[str]) -> None:
    """The next producer aborts what was left open, and nothing hangs."""
    topic = process.broker.topics.get("t") or await process.broker.topics.create("t", PARTITIONS, {})
    producer = Producer(process, version)
    await producer.begin()
    await producer.transact("next", 9)
    assert await seen(process) == ([*before, "next"], 9)
    for index in range(PARTITIONS):
        store = (await process.broker.partition(topic, index)).store
        assert store.last_stable_offset == store.high_watermark
    group = process.broker.groups.get("g")
    assert group is not None
    assert not group.pending_offsets


@pytest.mark.parametrize("commit", [True, False])
async def test_a_start_that_dies_while_it_ends_a_transaction_is_made_up_for(
    tmp_path: Path, commit: bool
) -> None:
    prepared = Process(tmp_path / "prepared", settings=SETTINGS)
    await prepared.broker.load()
    await prepared.broker.topics.create("t", PARTITIONS, {})
    producer = Producer(prepared, 2)
    await producer.begin()

    async def die(*_: object) -> None:
        raise Killed

    prepared.broker.transactions._write_marker = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        await producer.transact("a", 1, commit=commit)
    prepared.kill()
    died = 0
    while True:
        path = tmp_path / f"start-{died}"
        shutil.copytree(prepared.path, path)
        process = Process(path, died, SETTINGS)
        try:
            await process.broker.load()
        except Killed:
            died += 1
        else:
            break
        finally:
            process.kill()
        after = Process(path, settings=SETTINGS)
        await after.broker.load()
        assert await seen(after) == ((["a"], 1) if commit else ([], None))
        await check_life_goes_on(after, 2, ["a"] if commit else [])
        after.kill()
    assert died > 20
