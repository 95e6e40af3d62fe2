"""Members of consumer groups that come, heartbeat, commit, and leave or vanish."""

import random

import trio
from drive.client import Client, UnexpectedError
from drive.worker import Counts

from kbroker.protocol.heartbeat import HeartbeatRequest
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kbroker.protocol.leave_group import LeaveGroupRequest, MemberIdentity
from kbroker.protocol.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kbroker.protocol.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from mix.pace import Pace, some_seconds

COORDINATOR_NOT_YET = {14, 15, 16}
ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS = 22, 25, 27
JOIN_AGAIN = {ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, *COORDINATOR_NOT_YET}
SESSION_MS = 10_000
STAY_S = 10.0, 40.0


class Member:
    """One member of a group on a connection of its own."""

    def __init__(self, client: Client, group: str, topic: str, session_ms: int = SESSION_MS) -> None:
        self._client = client
        self._group = group
        self._topic = topic
        self._session_ms = session_ms
        self._id = ""
        self._generation = -1

    async def join(self) -> None:
        """Join, and sync, until that is done in one generation."""
        while True:
            joined = await self._client.ask(
                JoinGroupRequest(
                    self._group,
                    session_timeout_ms=self._session_ms,
                    rebalance_timeout_ms=self._session_ms,
                    member_id=self._id,
                    protocol_type="consumer",
                    protocols=[JoinGroupRequestProtocol("range", b"metadata")],
                ),
                3,
            )
            if await self._goes_on(joined.error_code, "JoinGroup"):
                self._id, self._generation = joined.member_id, joined.generation_id
                shares = [SyncGroupRequestAssignment(one.member_id, b"share") for one in joined.members]
                synced = await self._client.ask(
                    SyncGroupRequest(self._group, self._generation, self._id, assignments=shares), 2
                )
                if await self._goes_on(synced.error_code, "SyncGroup"):
                    return

    async def heartbeat(self) -> bool:
        """Say that it is there; False if it has to join again."""
        answer = await self._client.ask(HeartbeatRequest(self._group, self._generation, self._id), 2)
        return await self._goes_on(answer.error_code, "Heartbeat")

    async def commit(self, offset: int) -> bool:
        """Commit an offset; False if it has to join again."""
        topics = [OffsetCommitRequestTopic(self._topic, partitions=[OffsetCommitRequestPartition(0, offset)])]
        request = OffsetCommitRequest(self._group, self._generation, self._id, topics=topics)
        answer = await self._client.ask(request, 6)
        return await self._goes_on(answer.topics[0].partitions[0].error_code, "OffsetCommit")

    async def leave(self) -> None:
        """Leave the group."""
        await self._client.ask(LeaveGroupRequest(self._group, members=[MemberIdentity(self._id)]), 3)

    async def _goes_on(self, error: int, what: str) -> bool:
        if error == UNKNOWN_MEMBER_ID:
            self._id = ""
        if error in COORDINATOR_NOT_YET:
            await trio.sleep(0.1)
        if error and error not in JOIN_AGAIN:
            raise UnexpectedError(f"{what} in {self._group}: error {error}")
        return not error


async def being_a_member(counts: Counts, port: int, pace: Pace, group: str, topic: str) -> None:
    """Be a member of a group again and again, with a commit or a heartbeat a turn."""
    while True:
        client = await Client.dial(port)
        try:
            member = Member(client, group, topic)
            await member.join()
            counts["rebalances"] += 1
            until, offset = some_seconds(*STAY_S), 0
            while trio.current_time() < until:
                there = await member.heartbeat() if random.random() < 0.3 else await member.commit(offset)
                counts["requests"] += 1
                offset += 1
                if not there:
                    await member.join()
                    counts["rebalances"] += 1
                await pace.turn()
            if random.random() < 0.8:
                await member.leave()
            else:  # its session has to time out
                counts["vanished"] += 1
                client.reset()
        finally:
            client.close()
