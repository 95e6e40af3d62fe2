"""Clients that fail at any byte: nothing half-done is visible, nothing is left of them, the others are served."""

import logging
import socket
from contextlib import suppress
from pathlib import Path

import pytest
import trio
import trio.testing
from drive.client import Client, framed
from mix.streams import produce

from kbroker.connection import STUCK_S
from kbroker.protocol.metadata import MetadataRequest
from kbroker.protocol.records import Record, encode_batch
from kbroker.server import IDLE_SWEEP_S
from kbroker.state.quotas.entity import entity_of

from .faulty_clients import IDLE_MS, REQUESTS, TOPIC, Ground, fetch, frame_of, ground, join

FOREVER_MS = 0x7FFFFFFF
SWEPT_S = IDLE_MS / 1000 + 2 * IDLE_SWEEP_S


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_cut_at_any_byte_does_nothing(name: str, tmp_path: Path) -> None:
    frame = frame_of(name)
    async with ground(tmp_path) as it:
        before = await it.visible()
        for end in range(len(frame)):
            client = await it.dial()
            await client.send(frame[:end])
            if end % 2:
                client.reset()
            else:
                client.close()
        await it.check_nothing_left()
        assert await it.visible() == before
        if name != "join_group":  # whose answer waits for the other member
            await it.client.send(frame)
            assert await it.client.receive()


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_stalled_at_any_byte_holds_nobody_up_and_ends_in_time(
    name: str, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    frame = frame_of(name)
    async with ground(tmp_path) as it:
        before = await it.visible()
        stalled = []
        for end in range(len(frame)):
            client = await it.dial()
            await client.send(frame[:end])
            stalled.append(client)
        with trio.fail_after(IDLE_SWEEP_S):
            assert await it.visible() == before
        await keep_alive(it, SWEPT_S)
        for client in stalled:
            with suppress(ConnectionResetError):
                assert await client.socket.recv(1) == b""
            client.close()
        await it.check_nothing_left()
        assert await it.visible() == before


@pytest.mark.parametrize("name", ["produce", "fetch", "metadata", "init_producer_id", "end_txn"])
async def test_an_answer_cut_at_any_byte_leaves_nothing(name: str, tmp_path: Path) -> None:
    async with ground(tmp_path) as it:
        await it.client.ask(produce(TOPIC, 0, BATCH_OF_SOME), 9)
        whole = await it.dial()
        await whole.send(frame_of(name))
        answer = await whole.receive()
        whole.close()
        for end in range(len(answer)):
            client = await it.dial()
            await client.send(frame_of(name))
            await read(client, end)
            client.reset()
        it.remember_files()
        await it.check_nothing_left()
        assert await it.client.ask(MetadataRequest([]), 9)


BATCH_OF_SOME = bytes(encode_batch([Record(n, 1_700_000_000_000, None, bytes(100)) for n in range(3)]))


async def test_a_large_answer_cut_while_it_is_sent_leaves_nothing(tmp_path: Path) -> None:
    async with ground(tmp_path) as it:
        large = bytes(encode_batch([Record(0, 1_700_000_000_000, None, bytes(900_000))]))
        for _ in range(20):
            await it.client.ask(produce(TOPIC, 0, large), 9)
        it.remember_files()
        for kib in (0, 1, 64, 1_000, 4_000, 17_000):
            client = await it.dial()
            await client.send(framed(fetch(0, max_bytes=50 << 20), 11))
            await read(client, kib << 10)
            client.reset()
        await it.check_nothing_left()


async def read(client: Client, size: int) -> None:
    """Receive so many bytes."""
    while size:
        got = len(await client.socket.recv(size))
        assert got, "the broker closed the connection"
        size -= got


async def keep_alive(it: Ground, seconds: float) -> None:
    """Let time pass for all but one client, which asks something meanwhile."""
    until = trio.current_time() + seconds
    while trio.current_time() < until:
        await trio.sleep(IDLE_MS / 1000 / 4)
        await it.client.ask(MetadataRequest([]), 9)


async def test_a_parked_fetch_whose_client_is_gone_is_let_go(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with ground(tmp_path) as it:
        client = await it.dial()
        await client.send(framed(fetch(1, FOREVER_MS), 11))
        await trio.sleep(0.1)
        partition = await it.server.broker.partition(it.server.broker.topics.get(TOPIC), 0)
        assert len(partition.waiters) == 1
        client.reset()
        await trio.sleep(3 * IDLE_SWEEP_S)
        assert not partition.waiters
        await it.check_nothing_left()


async def test_a_client_that_sends_no_more_gets_its_answer(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with ground(tmp_path) as it:
        client = await it.dial()
        await client.send(framed(fetch(1, 10_000), 11))
        client.socket.shutdown(socket.SHUT_WR)
        with trio.fail_after(11):
            assert await client.receive()
            assert await client.socket.recv(1) == b""
        client.close()


async def test_what_a_muted_client_sent_before_it_was_gone_is_handled(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with ground(tmp_path) as it:
        store = (await it.server.broker.partition(it.server.broker.topics.get(TOPIC), 0)).store
        before = store.high_watermark
        await it.server.broker.quotas.alter(
            [(entity_of([("client-id", None)]), {"producer_byte_rate": 100.0})], validate_only=False
        )
        client = await it.dial()
        request = produce(TOPIC, 0, BATCH_OF_SOME)
        request.acks = 0
        await client.send(framed(request, 9) * 5)
        await trio.sleep(0.1)
        client.reset()
        await trio.sleep(3)
        assert before < store.high_watermark < before + 15
        await trio.sleep(IDLE_MS / 1000 - 5)
        assert store.high_watermark == before + 15


async def test_a_parked_join_whose_client_is_gone_is_let_go(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with ground(tmp_path) as it:
        joining = await it.dial()  # which waits for the member that is there, and doesn't join again
        await joining.send(framed(join(timeout_ms=300_000), 3))
        await trio.sleep(0.1)
        joining.reset()
        await trio.sleep(3 * IDLE_SWEEP_S)
        await it.check_nothing_left()


@pytest.mark.parametrize("parked", [fetch(1, FOREVER_MS), join(timeout_ms=300_000)], ids=["fetch", "join"])
async def test_a_parked_request_whose_client_is_silent_ends_when_it_is_idle(
    parked: object, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """A client that vanished without a FIN looks like one that waits."""
    async with ground(tmp_path, {"group.max.session.timeout.ms": "1800000"}) as it:
        client = await it.dial()
        await client.send(framed(parked, 11 if "Fetch" in type(parked).__name__ else 3))
        await keep_alive(it, SWEPT_S)
        client.close()
        await it.check_nothing_left()


async def test_a_thousand_clients_that_come_ask_and_are_gone_leave_nothing(tmp_path: Path) -> None:
    async with ground(tmp_path) as it:
        for number in range(1_000):
            client = await it.dial()
            await client.send(frame_of("fetch" if number % 2 else "metadata"))
            client.reset()
        await it.check_nothing_left()


async def test_clients_that_never_read_are_cut_off_and_others_served(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with ground(tmp_path) as it:
        large = bytes(encode_batch([Record(0, 1_700_000_000_000, None, bytes(30_000))]))
        await it.client.ask(produce(TOPIC, 0, large), 9)
        deaf = [await it.dial() for _ in range(3)]
        with trio.move_on_after(1):
            async with trio.open_nursery() as nursery:
                for client in deaf:
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    nursery.start_soon(ask_without_an_end, client)
        with trio.fail_after(1):
            assert await it.client.ask(MetadataRequest([]), 9)
        assert it.server.broker.response_memory.held > 0
        await keep_alive(it, 2 * STUCK_S)
        assert it.server.broker.response_memory.held == 0
        assert len(it.server._connections) == 1
        for client in deaf:
            client.close()
    told = [record.getMessage() for record in caplog.records if "took no answer" in record.getMessage()]
    assert len(told) == 1  # of three, one is told at once


async def ask_without_an_end(client: Client) -> None:
    frame = framed(fetch(1), 11) * 10
    with suppress(OSError):
        while True:
            await client.send(frame)


async def test_what_was_held_back_of_the_log_is_told_with_the_next_of_its_cause(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async with ground(tmp_path) as it:
        with caplog.at_level(logging.WARNING):
            for _ in range(50):
                await nonsense(it)
            await trio.sleep(60)
            await nonsense(it)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "127.0.0.1" in told[0]
    assert "(50 such in all within" in told[1]


async def nonsense(it: Ground) -> None:
    client = await it.dial()
    await client.send(b"\x7f\xff\xff\xff")
    with suppress(ConnectionResetError):
        assert await client.socket.recv(1) == b""
    client.close()
