"""The wall clock is set back, or forward, under a broker.

What lasts for a while is measured by a clock that never jumps; what has a date, such as a transaction's start, goes by
the wall clock, as in Apache Kafka.
"""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from kbroker.broker.delegation_tokens import DelegationTokens
from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import Record, encode_batch
from kbroker.state.record_validation import RecordsRejectedError, admit
from kbroker.storage.sqlite.database import Database
from kbroker.storage.sqlite.delegation_token_store import SqliteDelegationTokenStore

from .crashing import Process
from .groups.conftest import Bench
from .machine import NOW_MS, FixedClock
from .test_transaction_crashes import SETTINGS, Producer, check_life_goes_on, seen

DAY_MS = 86_400_000
JUMPS = [-DAY_MS, DAY_MS]
SESSION_S = 10


@pytest.mark.parametrize("jump_ms", JUMPS)
async def test_a_member_stays_as_long_as_it_was_promised(autojump_clock: MockClock, jump_ms: int) -> None:
    bench = Bench()
    groups = bench.coordinator()
    async with trio.open_nursery() as nursery:
        await nursery.start(groups.run)
        member = await bench.lone_member(groups)
        bench.clock.now += jump_ms
        await trio.sleep(SESSION_S - 1)
        groups.heartbeat("g", member.member_id, None, member.generation_id)
        bench.clock.now += jump_ms
        await trio.sleep(SESSION_S + 1)
        with pytest.raises(KafkaError) as caught:
            groups.heartbeat("g", member.member_id, None, member.generation_id)
        assert caught.value.code is ErrorCode.UNKNOWN_MEMBER_ID
        nursery.cancel_scope.cancel()


async def started(path: Path, clock: FixedClock) -> tuple[Process, Producer]:
    process = Process(path, settings=SETTINGS, clock=clock)
    await process.broker.load()
    await process.broker.topics.create("t", 2, {})
    producer = Producer(process, 2)
    await producer.begin()
    return process, producer


async def test_a_clock_set_back_aborts_no_transaction_and_delays_none(tmp_path: Path) -> None:
    clock = FixedClock()
    process, producer = await started(tmp_path / "data", clock)
    await producer._write(0, b"a0")
    await producer._write(1, b"a1")
    clock.now -= DAY_MS
    await process.broker.transactions.abort_timed_out()
    await process.broker.transactions.expire()
    await producer._commit_offset(1)
    ids = producer.producer.producer_id, producer.producer.epoch
    await process.broker.transactions.end("tx", *ids, commit=True, client_version=2)
    assert await seen(process) == (["a"], 1)
    await check_life_goes_on(process, 2, ["a"])
    process.kill()


async def test_a_clock_set_forward_ends_an_open_transaction_and_nothing_else(tmp_path: Path) -> None:
    clock = FixedClock()
    process, producer = await started(tmp_path / "data", clock)
    await producer.transact("a", 1)
    await producer._write(0, b"b0")
    clock.now += DAY_MS
    await process.broker.transactions.abort_timed_out()
    await process.broker.transactions.expire()
    with pytest.raises(AssertionError, match="INVALID_PRODUCER_EPOCH"):  # the producer is shut out
        await producer._write(1, b"b1")
    assert await seen(process) == (["a"], 1)
    await check_life_goes_on(process, 2, ["a"])
    process.kill()


@pytest.mark.parametrize("jump_ms", JUMPS)
async def test_offsets_outlive_a_day_either_way(tmp_path: Path, jump_ms: int) -> None:
    clock = FixedClock()
    process, _ = await started(tmp_path / "data", clock)
    await process.commit(3)
    clock.now += jump_ms
    await process.broker.groups.expire_offsets()
    assert process.committed() == 3
    await process.commit(4)
    process.kill()
    after = Process(tmp_path / "data", settings=SETTINGS, clock=clock)
    await after.broker.load()
    await after.broker.groups.expire_offsets()
    assert after.committed() == 4
    after.kill()


async def test_a_token_ends_at_its_date_whatever_the_clock_did_before(tmp_path: Path) -> None:
    clock = FixedClock()
    database = Database.open(tmp_path / "db")
    longest = {"delegation.token.expiry.time.ms": str(3 * DAY_MS)}
    config = BrokerConfig.of({"delegation.token.secret.key": "key"} | longest)
    tokens = DelegationTokens(config, SqliteDelegationTokenStore(database), clock)
    token = await tokens.create("User:a", "User:a", [], -1)
    secret = tokens.hmac(token)
    for jump_ms in (-DAY_MS, 2 * DAY_MS, -DAY_MS):
        clock.now += jump_ms
        await tokens.remove_expired()
        renewed = await tokens.renew(secret, "User:a", 3 * DAY_MS)
        assert clock.now < renewed.expires_ms <= token.max_ms
    clock.now += 4 * DAY_MS
    await tokens.remove_expired()
    with pytest.raises(KafkaError):
        await tokens.renew(secret, "User:a", DAY_MS)
    database.close()


def test_records_are_refused_for_their_time_only_while_the_clock_is_wrong() -> None:
    """An hour ahead is the most that message.timestamp.after.max.ms allows by default, as in Apache Kafka."""
    config = BrokerConfig.of().topic_config({})
    batch = encode_batch([Record(0, NOW_MS, b"k", b"v")])
    for now_ms, is_admitted in [
        (NOW_MS, True),
        (NOW_MS - DAY_MS, False),
        (NOW_MS + DAY_MS, True),
        (NOW_MS, True),
    ]:
        try:
            admit(memoryview(batch), config, now_ms)
            admitted = True
        except RecordsRejectedError as error:
            admitted = error.code is not ErrorCode.INVALID_TIMESTAMP
        assert admitted is is_admitted
