"""A server for clients that fail, and what must be as it was once they are gone."""

import gc
import os
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
from attrs import define, field
from drive.client import Client, framed
from mix.streams import produce
from mix.topics import create

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener, listeners_of
from kbroker.connection import ClientConnection
from kbroker.protocol.add_partitions_to_txn import AddPartitionsToTxnRequest, AddPartitionsToTxnTopic
from kbroker.protocol.create_topics import CreatableTopic, CreateTopicsRequest
from kbroker.protocol.end_txn import EndTxnRequest
from kbroker.protocol.fetch import FetchPartition, FetchRequest, FetchTopic
from kbroker.protocol.init_producer_id import InitProducerIdRequest
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.list_groups import ListGroupsRequest
from kbroker.protocol.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kbroker.protocol.list_transactions import ListTransactionsRequest
from kbroker.protocol.metadata import MetadataRequest, MetadataRequestTopic
from kbroker.protocol.records import Record, encode_batch
from kbroker.protocol.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from kbroker.server import Server, serve

TOPIC, TRANSACTION, GROUP = "topic", "transaction", "group"
IDLE_MS = 60_000
SETTINGS = {
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "connections.max.idle.ms": str(IDLE_MS),
}
BATCH = bytes(encode_batch([Record(0, 1_700_000_000_000, None, b"value")]))


def fetch(offset: int, wait_ms: int = 0, max_bytes: int = 1 << 20) -> FetchRequest:
    """Of the topic's one partition."""
    wanted = FetchPartition(0, fetch_offset=offset, partition_max_bytes=max_bytes)
    return FetchRequest(
        max_wait_ms=wait_ms, min_bytes=1, max_bytes=50 << 20, topics=[FetchTopic(TOPIC, partitions=[wanted])]
    )


def join(member_id: str = "", timeout_ms: int = 10_000) -> JoinGroupRequest:
    """As a consumer."""
    protocols = [JoinGroupRequestProtocol("range", b"metadata")]
    return JoinGroupRequest(GROUP, timeout_ms, timeout_ms, member_id, None, "consumer", protocols)


# What clients ask, and in which version. `Ground` has the ids that they name.
REQUESTS: dict[str, tuple[Any, int]] = {
    "produce": (produce(TOPIC, 0, BATCH), 9),
    "fetch": (fetch(0), 11),
    "metadata": (MetadataRequest([MetadataRequestTopic(name="made by being asked for")]), 9),
    "create_topics": (CreateTopicsRequest([CreatableTopic("new", 3, 1)]), 5),
    "join_group": (join(), 3),
    "init_producer_id": (InitProducerIdRequest("another", 60_000), 4),
    "add_partitions_to_txn": (
        AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=TRANSACTION,
            v3_and_below_producer_id=0,
            v3_and_below_producer_epoch=0,
            v3_and_below_topics=[AddPartitionsToTxnTopic(TOPIC, [0])],
        ),
        3,
    ),
    "txn_offset_commit": (
        TxnOffsetCommitRequest(
            TRANSACTION,
            GROUP,
            0,
            0,
            topics=[TxnOffsetCommitRequestTopic(TOPIC, [TxnOffsetCommitRequestPartition(0, 5)])],
        ),
        3,
    ),
    "end_txn": (EndTxnRequest(TRANSACTION, 0, 0, committed=True), 3),
}


@define
class Ground:
    """A server with a topic, and a transactional producer that has id and epoch 0."""

    server: Server
    client: Client
    port: int
    _fds: int = field(init=False)
    _tasks: int = field(init=False)
    _others: int = field(init=False)

    async def dial(self) -> Client:
        """Connect."""
        return await Client.dial(self.port)

    async def visible(self) -> list[Any]:
        """All that a client can see of what others did."""
        wanted = [ListOffsetsTopic(TOPIC, partitions=[ListOffsetsPartition(0, timestamp=-1)])]
        asked = (
            (MetadataRequest(None), 9),
            (ListOffsetsRequest(-1, topics=wanted), 2),
            (ListGroupsRequest(), 3),
            (ListTransactionsRequest(), 0),
        )
        return [await self.client.ask(request, version) for request, version in asked]

    def remember(self) -> None:
        """What there is now is what must be there later."""
        self._others = connection_objects() - len(self.server._connections)  # what other tests left to pytest
        self._fds, self._tasks = descriptors(), trio.lowlevel.current_statistics().tasks_living

    def remember_files(self) -> None:
        """Files that were opened meanwhile, and stay open, are no leak."""
        self._fds = descriptors() - (len(self.server._connections) - 1)

    async def check_nothing_left(self, connections: int = 1, *, in_the_log: int = 0) -> None:
        """Wait until the clients are gone, and see that nothing is left of them.

        `in_the_log`: at most so many connections are kept by pytest, with tracebacks of errors that were logged.
        """
        wanted = (connections, self._tasks, self._fds)
        with trio.move_on_after(3):
            while self._held() != wanted:  # noqa: ASYNC110  nobody tells
                await trio.sleep(0.001)
        assert self._held() == wanted
        assert self.server.broker.response_memory.held == 0
        with trio.move_on_after(3):
            while connection_objects() > self._others + connections + in_the_log:  # noqa: ASYNC110
                await trio.sleep(0.01)
        assert connection_objects() <= self._others + connections + in_the_log

    def _held(self) -> tuple[int, int, int]:
        tasks = trio.lowlevel.current_statistics().tasks_living
        return len(self.server._connections), tasks, descriptors()


def connection_objects() -> int:
    """How many there are, be they open or not."""
    gc.collect()
    return sum(isinstance(one, ClientConnection) for one in gc.get_objects())


def descriptors() -> int:
    """How many this process has."""
    return len(os.listdir("/proc/self/fd"))


@asynccontextmanager
async def ground(data_dir: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[Ground]:
    """A server on which clients fail; listens for PLAINTEXT too if `settings` have listeners."""
    config = BrokerConfig.of(SETTINGS | dict(settings or {}))
    plain = Listener("PLAIN", "127.0.0.1", 0)
    listeners = [plain, *(listeners_of(config) if settings and "listeners" in settings else ())]
    async with trio.open_nursery() as nursery:
        server: Server = await nursery.start(
            lambda task_status: serve(config, data_dir=data_dir, listeners=listeners, task_status=task_status)
        )
        port = server.bound[0].port
        client = await Client.dial(port)
        await create(client, TOPIC, 1)
        given = await client.ask(InitProducerIdRequest(TRANSACTION, 60_000), 4)
        assert (given.producer_id, given.producer_epoch) == (0, 0)
        for name in ("produce", "fetch", "add_partitions_to_txn", "join_group"):
            await client.ask(*REQUESTS[name])
        it = Ground(server, client, port)
        await it.visible()
        it.remember()
        try:
            yield it
        finally:
            client.close()
        server.stop()


def frame_of(name: str) -> bytes:
    """A request as it is sent."""
    return framed(*REQUESTS[name])


def size_of(frame: bytes) -> int:
    """What a frame's first four bytes say."""
    return int(struct.unpack_from(">i", frame)[0])
