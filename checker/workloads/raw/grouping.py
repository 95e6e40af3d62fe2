"""Members of a group: they join, own, read, commit, and go, politely or not."""

import contextlib
import time

from kbroker.protocol.consumer_protocol import AssignmentTopicPartition, ConsumerProtocolAssignment
from kbroker.protocol.heartbeat import HeartbeatRequest
from kbroker.protocol.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kbroker.protocol.leave_group import LeaveGroupRequest, MemberIdentity
from kbroker.protocol.schema import reader, writer
from kbroker.protocol.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from workloads.raw.connection import Connection
from workloads.raw.offsets import Partition, commit, committed
from workloads.raw.reading import Reader
from workloads.settings import Worker
from workloads.topics import PARTITIONS, topic

JOIN_GROUP, SYNC_GROUP, HEARTBEAT, LEAVE_GROUP = 5, 3, 3, 3  # versions
MEMBER_ID_REQUIRED, UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS = 79, 25, 22, 27
SESSION_TIMEOUT_MS, REBALANCE_TIMEOUT_MS = 1500, 3000
GOING = ("leave", "vanish", "join again")
MOST_ROUNDS, BACK_CHANCE, STALE_CHANCE, MOST_BACK = 60, 0.05, 0.1, 200
ROUND_S = 0.005


class Member:
    """One member of the group, over and over again."""

    def __init__(self, worker: Worker, index: int, *, through_proxy: bool) -> None:
        self._worker, self._name = worker, f"{worker.name}.member-{index}"
        self._rng = worker.rng(self._name)
        self._group, self._topic = f"{worker.name}.members", topic(worker.name, "grouped")
        self._connection = Connection(worker.proxy if through_proxy else worker.direct)
        self._reader = Reader(worker.recorder, self._name, self._connection, committed=True)
        self._member = ""
        self._generation = -1

    def run(self) -> None:
        """Work."""
        while not self._worker.stopping.is_set():
            try:
                owned = self._join()
                if owned is not None:
                    self._own(owned)
            except OSError:
                continue  # the member goes on under its id, if the broker knows it yet

    def _join(self) -> list[Partition] | None:
        """Join and learn what is owned; None if it has to be tried again."""
        request = JoinGroupRequest(
            group_id=self._group, session_timeout_ms=SESSION_TIMEOUT_MS, rebalance_timeout_ms=REBALANCE_TIMEOUT_MS,
            member_id=self._member, protocol_type="consumer", protocols=[JoinGroupRequestProtocol("range", b"")],
        )  # fmt: skip
        joined: JoinGroupResponse = self._connection.ask(request, JOIN_GROUP)
        if joined.error_code == MEMBER_ID_REQUIRED:
            self._member = joined.member_id
            return None
        if joined.error_code:
            self._cope(joined.error_code)
            return None
        self._member, self._generation = joined.member_id, joined.generation_id
        return self._sync(joined)

    def _sync(self, joined: JoinGroupResponse) -> list[Partition] | None:
        request = SyncGroupRequest(
            group_id=self._group, generation_id=self._generation, member_id=self._member,
            assignments=self._assignments(joined) if joined.leader == self._member else [],
        )  # fmt: skip
        operation = self._worker.recorder.invoke(self._name, "owned", group=self._group)
        try:
            answer = self._connection.ask(request, SYNC_GROUP)
        except OSError as error:
            operation.unknown(error=str(error))
            raise
        if answer.error_code:
            operation.fail(error=answer.error_code)
            self._cope(answer.error_code)
            return None
        assignment = reader(ConsumerProtocolAssignment, 0)(memoryview(answer.assignment), 2)
        owned = [(each.topic, index) for each in assignment.assigned_partitions for index in each.partitions]
        operation.ok(generation=self._generation, member=self._member, owned=owned)
        return owned

    def _assignments(self, joined: JoinGroupResponse) -> list[SyncGroupRequestAssignment]:
        """Deal the partitions out, beginning with any member."""
        members = [member.member_id for member in joined.members]
        self._rng.shuffle(members)
        dealt: dict[str, list[int]] = {member: [] for member in members}
        for index in range(PARTITIONS):
            dealt[members[index % len(members)]].append(index)
        write = writer(ConsumerProtocolAssignment, 0)
        return [
            SyncGroupRequestAssignment(
                member,
                b"\0\0"
                + b"".join(write(ConsumerProtocolAssignment([AssignmentTopicPartition(self._topic, parts)]))),
            )
            for member, parts in dealt.items()
        ]

    def _own(self, owned: list[Partition]) -> None:
        """Read and commit what is owned for some rounds, then go in some way."""
        positions = self._committed(owned) if owned else {}
        for _ in range(self._rng.randrange(MOST_ROUNDS)):
            if self._worker.stopping.is_set():
                return
            if positions and not self._read_and_commit(positions):
                return
            beat = HeartbeatRequest(self._group, self._generation, self._member)
            if error := self._connection.ask(beat, HEARTBEAT).error_code:
                self._cope(error)
                return
            time.sleep(ROUND_S)
        self._go(self._rng.choice(GOING))

    def _committed(self, owned: list[Partition]) -> dict[Partition, int]:
        found = committed(self._worker.recorder, self._name, self._connection, self._group, owned)
        return {where: max(0, offset) for where, offset in found.items()}

    def _read_and_commit(self, positions: dict[Partition, int]) -> bool:
        """Returns whether the member is one yet."""
        by_index = {index: offset for (_, index), offset in positions.items()}
        for index, found in self._reader.fetch(self._topic, by_index, most_bytes=5000, wait_ms=5).items():
            positions[self._topic, index] = found.next
        if self._rng.random() < BACK_CHANCE:
            where = self._rng.choice(list(positions))
            positions[where] = max(0, positions[where] - self._rng.randrange(MOST_BACK))
        if self._rng.random() < STALE_CHANCE:  # as if it had been on its way since the last generation
            self._commit(self._generation - 1, dict.fromkeys(positions, 0))
        error = self._commit(self._generation, positions)
        if error:
            self._cope(error)
        return error == 0

    def _commit(self, generation: int, offsets: dict[Partition, int]) -> int | None:
        worker = self._worker
        return commit(
            worker.recorder, self._name, self._connection, self._group, generation, self._member, offsets
        )

    def _go(self, how: str) -> None:
        if how == "leave":
            request = LeaveGroupRequest(group_id=self._group, members=[MemberIdentity(self._member)])
            self._connection.ask(request, LEAVE_GROUP)
        if how != "join again":
            self._connection.close()
            self._member = ""

    def _cope(self, error: int) -> None:
        if error in {UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION}:
            self._member = ""
        elif error != REBALANCE_IN_PROGRESS:
            time.sleep(0.02)


class Observer:
    """Asks from outside for what the group has committed."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._name = worker, f"{worker.name}.observer"
        self._rng = worker.rng(self._name)
        self._connection = Connection(worker.proxy)

    def run(self) -> None:
        """Work."""
        where = [(topic(self._worker.name, "grouped"), index) for index in range(PARTITIONS)]
        while not self._worker.stopping.is_set():
            with contextlib.suppress(OSError):
                committed(
                    self._worker.recorder, self._name, self._connection, f"{self._worker.name}.members", where
                )
            self._worker.stopping.wait(self._rng.uniform(0, 0.1))
