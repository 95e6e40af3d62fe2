"""kbroker/broker/changelog_repair.py"""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.broker.changelog import Changelog
from kbroker.broker.changelog_repair import Told, repair
from kbroker.broker.internal_topics import create_offsets_topic
from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.protocol.coordinator_batch import KeyValue, encode_coordinator_batch
from kbroker.protocol.records import ControlType, encode_end_txn, iter_batches, parse_header

PRODUCER, EPOCH = 5, 0


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    async with open_broker(BrokerConfig.of({"offsets.topic.num.partitions": "1"}), tmp_path) as broker:
        yield broker


@pytest.fixture
def changelog(broker: Broker) -> Changelog:
    topic = partial(create_offsets_topic, broker.topics, broker.config)
    return Changelog(topic, broker.partition, broker.clock)


def marker(kind: ControlType) -> bytearray:
    return encode_end_txn(
        kind, producer_id=PRODUCER, producer_epoch=EPOCH, coordinator_epoch=0, timestamp=1_700_000_000_000
    )


async def end_transaction(changelog: Changelog, kind: ControlType) -> None:
    await (await changelog.partition(0)).append_marker(memoryview(marker(kind)), 0)


async def told_by(changelog: Changelog) -> dict[bytes, bytes | None]:
    store = (await changelog.partition(0)).store
    told = Told()
    for header, batch in iter_batches((await store.read(0, 1_000_000)).records):
        told.take(header, batch)
    return told.values


async def repaired(
    changelog: Changelog, truth: Mapping[bytes, Sequence[bytes]], in_flux: frozenset[bytes] = frozenset()
) -> int:
    pauses = []

    async def look() -> tuple[Mapping[bytes, Sequence[bytes]], set[bytes]]:
        return truth, set(in_flux)

    async def pause() -> None:
        pauses.append(None)

    return await repair(changelog, 0, look, pause)


async def test_what_is_missing_is_told(changelog: Changelog) -> None:
    await changelog.append_to(0, [(b"right", b"1"), (b"old", b"1"), (b"gone", b"1"), (b"forgotten", b"1")])
    await changelog.append_to(0, [(b"gone", None)])
    truth = {b"right": [b"1"], b"old": [b"2", b"two"], b"new": [b"3"]}
    assert await repaired(changelog, truth) == 3
    assert await told_by(changelog) == {
        b"right": b"1", b"old": b"2", b"gone": None, b"new": b"3", b"forgotten": None,
    }  # fmt: skip
    assert await repaired(changelog, truth) == 0


async def test_any_of_the_forms_of_a_value_will_do(changelog: Changelog) -> None:
    await changelog.append_to(0, [(b"k", b"two")])
    assert await repaired(changelog, {b"k": [b"2", b"two"]}) == 0


@pytest.mark.parametrize(("kind", "corrections"), [(ControlType.COMMIT, 0), (ControlType.ABORT, 1)])
async def test_only_committed_records_count(
    changelog: Changelog, kind: ControlType, corrections: int
) -> None:
    await changelog.append_to(0, [(b"k", b"1")])
    await changelog.append_transactional(0, [(b"k", b"2")], PRODUCER, EPOCH)
    await end_transaction(changelog, kind)
    assert await repaired(changelog, {b"k": [b"2"]}) == corrections


async def test_what_a_transaction_is_about_to_change_is_left_alone(changelog: Changelog) -> None:
    await changelog.append_transactional(0, [(b"in the log", b"1")], PRODUCER, EPOCH)
    truth = {b"in the log": [b"0"], b"in the store": [b"0"], b"other": [b"0"]}
    assert await repaired(changelog, truth, frozenset({b"in the store"})) == 1
    assert await told_by(changelog) == {b"other": b"0"}


async def test_an_empty_partition_is_filled_and_a_long_one_read_to_its_end(changelog: Changelog) -> None:
    assert await repaired(changelog, {}) == 0
    for number in range(40):
        await changelog.append_to(0, [(b"k", bytes([number]) * 10_000)])
    assert await repaired(changelog, {b"k": [bytes([39]) * 10_000]}) == 0
    assert await repaired(changelog, {b"k": [bytes([38]) * 10_000]}) == 1


def test_a_marker_without_records_is_nothing() -> None:
    told = Told()
    records: list[KeyValue] = [(b"k", b"1")]
    batch, header = encode_coordinator_batch(records, 0, producer_id=PRODUCER, producer_epoch=EPOCH)
    end = marker(ControlType.COMMIT)
    told.take(parse_header(end), memoryview(end))
    told.take(header, memoryview(batch))
    assert (told.values, told.in_flux) == ({}, {b"k"})
    told.take(parse_header(end), memoryview(end))
    assert (told.values, told.in_flux) == ({b"k": b"1"}, set())
