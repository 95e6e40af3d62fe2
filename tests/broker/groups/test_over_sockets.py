"""Consumer groups over real sockets: parked calls hold only their own connection, and a restart keeps the members."""

import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
from attrs import define

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener
from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.heartbeat import HeartbeatRequest
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.offset_fetch import OffsetFetchRequest
from kbroker.protocol.schema import reader, writer
from kbroker.protocol.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from kbroker.server import serve
from kbroker.transport import SocketTransport

API_OF: dict[type, Api] = {api.request: api for api in APIS.values()}
VERSION = {
    JoinGroupRequest: 3,
    SyncGroupRequest: 2,
    HeartbeatRequest: 2,
    OffsetFetchRequest: 5,
}  # none is flexible


@define(eq=False)
class Client:
    """One connection."""

    stream: trio.SocketStream

    async def call(self, request: Any) -> Any:
        api, version = API_OF[type(request)], VERSION[type(request)]
        body = b"".join(bytes(chunk) for chunk in writer(type(request), version)(request))
        header = struct.pack(">hhih", api.key, version, 1, 1) + b"c"
        await self.stream.send_all(struct.pack(">i", len(header) + len(body)) + header + body)
        data = b""
        while len(data) < 4 or len(data) < 4 + struct.unpack_from(">i", data)[0]:
            more = await self.stream.receive_some()
            assert more, "the broker closed the connection"
            data += more
        return reader(api.response, version)(data, 8)

    async def join(self, member_id: str = "", metadata: bytes = b"") -> Any:
        protocols = [JoinGroupRequestProtocol("range", metadata)]
        return await self.call(JoinGroupRequest("g", 10_000, 60_000, member_id, None, "consumer", protocols))

    async def sync(self, joined: Any, **assignments: bytes) -> Any:
        given = [SyncGroupRequestAssignment(member_id, part) for member_id, part in assignments.items()]
        return await self.call(
            SyncGroupRequest("g", joined.generation_id, joined.member_id, assignments=given)
        )

    async def heartbeat(self, joined: Any) -> int:
        response = await self.call(HeartbeatRequest("g", joined.generation_id, joined.member_id))
        return int(response.error_code)


@asynccontextmanager
async def broker(data_dir: Path) -> AsyncIterator[int]:
    """A broker on the data in a directory; gives its port."""
    listeners = [Listener("PLAINTEXT", "127.0.0.1", 0)]
    config = BrokerConfig.of({"node.id": "1"})
    async with trio.open_nursery() as nursery:
        server = await nursery.start(
            lambda task_status: serve(config, data_dir=data_dir, listeners=listeners, task_status=task_status)
        )
        yield server.bound[0].port
        server.stop()


@asynccontextmanager
async def dial(port: int) -> AsyncIterator[Client]:
    async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
        yield Client(stream)


async def test_two_members_share_and_survive_a_restart(tmp_path: Path) -> None:
    answers: list[Any] = []

    async def join(client: Client) -> None:
        answers.append(await client.join())

    async with broker(tmp_path) as port, dial(port) as first, dial(port) as second, dial(port) as onlooker:
        alone = await first.join()
        assert (await first.sync(alone, **{alone.member_id: b"all"})).assignment == b"all"
        async with trio.open_nursery() as nursery:
            nursery.start_soon(join, second)
            while await first.heartbeat(alone) == 0:
                pass  # the second one has not come yet
            assert answers == []
            assert (await onlooker.call(OffsetFetchRequest("g", None))).error_code == 0
            mine = await first.join(alone.member_id)
        (other,) = answers
        assert {member.member_id for member in mine.members} == {mine.member_id, other.member_id}
        parts = {mine.member_id: b"A", other.member_id: b"B"}
        assert (await first.sync(mine, **parts)).assignment == b"A"
        assert (await second.sync(other)).assignment == b"B"

    async with broker(tmp_path) as port, dial(port) as first, dial(port) as second:
        assert mine.generation_id == 2
        assert await first.heartbeat(mine) == 0
        assert (await second.sync(other)).assignment == b"B"


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The clients' ports in the order in which a broker sends them answers."""
    ports: list[int] = []
    send_at_once = SocketTransport.send_at_once

    def noting(self: SocketTransport, chunks: Any) -> Any:
        ports.append(self._socket.getpeername()[1])
        return send_at_once(self, chunks)

    monkeypatch.setattr(SocketTransport, "send_at_once", noting)
    return ports


async def test_who_ends_the_waiting_of_others_is_sent_its_answer_last(
    tmp_path: Path, answered: list[int]
) -> None:
    """Else a leader might begin the next rebalance before the others know of this one."""
    async with broker(tmp_path) as port, dial(port) as leader, dial(port) as second, dial(port) as third:
        ports = [client.stream.socket.getsockname()[1] for client in (second, third, leader)]
        joined = {leader: await leader.join()}
        await leader.sync(joined[leader])
        ids = {leader: joined[leader].member_id, second: "", third: ""}

        async def join(client: Client, metadata: bytes) -> None:
            joined[client] = await client.join(ids[client], metadata)
            ids[client] = joined[client].member_id

        async def sync(client: Client) -> None:
            await client.sync(joined[client], **dict.fromkeys(ids.values(), b"part"))

        async def last(call: Any, *arguments: Any) -> list[int]:
            """Who is sent an answer, in order, when the leader calls last."""
            async with trio.open_nursery() as nursery:
                nursery.start_soon(call, second, *arguments)
                nursery.start_soon(call, third, *arguments)
                await trio.sleep(0.005)  # longer than a connection goes on without a pause
                answered.clear()
                nursery.start_soon(call, leader, *arguments)
            return answered

        for again in range(20):
            for order in (await last(join, b"%d" % again), await last(sync)):
                assert sorted(order[:2]) == sorted(ports[:2])
                assert order[2:] == ports[2:]
