"""Runs the state machines of all groups: parks callers, keeps time, and stores what must last."""

import itertools
import logging
import math
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

import trio

from kbroker.broker.changelog import Changelog
from kbroker.broker.groups.offsets import GroupOffsets
from kbroker.broker.groups.parking import Caller, Parking
from kbroker.broker.groups.topic_repair import topic_repair
from kbroker.broker.groups.transactional_offsets import TransactionalOffsets
from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.limited_log import LimitedLog
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.state.groups.deadlines import Deadlines
from kbroker.state.groups.effects import Effects, JoinAnswer, SyncAnswer
from kbroker.state.groups.expiry import tick
from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.heartbeat import heartbeat
from kbroker.state.groups.join import join
from kbroker.state.groups.leave import Leaving, leave
from kbroker.state.groups.member import JoinCall
from kbroker.state.groups.rebalance import GroupLimits
from kbroker.state.groups.records import group_key, offset_key
from kbroker.state.groups.restore import restore
from kbroker.state.groups.stored import encode_group
from kbroker.state.groups.sync import SyncCall, assignment_not_stored, sync
from kbroker.state.topics import CONSUMER_OFFSETS
from kbroker.storage.interfaces.groups import GroupStore, StoredGroup

if TYPE_CHECKING:
    from kbroker.broker.topics import TopicCatalog

log = logging.getLogger(__name__)

_NO_LONGER_JOINING: Final = JoinAnswer(ErrorCode.NOT_COORDINATOR)
_NO_LONGER_SYNCING: Final = SyncAnswer(ErrorCode.NOT_COORDINATOR)


class GroupCoordinator:
    """All consumer groups of this broker. One task, `run`, serves the deadlines of them all."""

    def __init__(
        self,
        config: BrokerConfig,
        store: GroupStore,
        clock: Clock,
        topics: "TopicCatalog",
        changelog: Changelog,
    ) -> None:
        """Make a coordinator without groups; `load` reads them. `changelog` is `__consumer_offsets`."""
        self._config = config
        self._store = store
        self._clock = clock
        self._topics = topics
        self._groups: dict[str, Group] = {}
        self._changelog = changelog
        self._limited_log = LimitedLog(log)
        self.offsets = GroupOffsets(self._groups, store, changelog, config, clock)
        self.topic_repair = topic_repair(self._groups, store, changelog)
        self.transactional_offsets = TransactionalOffsets(self._groups, store, changelog, clock)
        self._tokens = itertools.count(1)
        self._joins: Parking[JoinAnswer] = Parking()
        self._syncs: Parking[SyncAnswer] = Parking()
        self._timers = Deadlines()  # by group, never later than the group's own earliest deadline
        self._sleeps_until = -math.inf  # until when `run` sleeps; it doesn't before it has begun to
        self._wake = trio.Event()

    # --- groups

    def get(self, group_id: str) -> Group | None:
        """A group, to look at."""
        return self._groups.get(group_id)

    def all(self) -> Collection[Group]:
        """All groups, to look at."""
        return self._groups.values()

    async def delete(self, group_id: str) -> None:
        """Forget a group and its offsets. Raises KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP."""
        group = self._groups.get(group_id)
        if group is None:
            raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND)
        if group.state is not GroupState.EMPTY:
            raise KafkaError(ErrorCode.NON_EMPTY_GROUP)
        await self.offsets.delete_group(group)

    async def topic_deleted(self, name: str) -> None:
        """Forget all groups' offsets in a topic; with `__consumer_offsets` all groups go, as in Apache Kafka."""
        if name == CONSUMER_OFFSETS:
            await self._store.clear()
            for group in self._groups.values():
                self._timers.cancel(("group", group.group_id))
                self._joins.answer(dict.fromkeys(group.join_tokens.values(), _NO_LONGER_JOINING))
                self._syncs.answer(dict.fromkeys(group.sync_tokens.values(), _NO_LONGER_SYNCING))
            self._groups.clear()
        else:
            await self.offsets.topic_deleted(name)

    async def expire_offsets(self) -> None:
        """Forget what outlived offsets.retention.minutes. To be called every now and then."""
        await self.offsets.expire()

    async def complete_transaction(self, changelog_partition: int, producer_id: int, *, commit: bool) -> None:
        """A marker was written to a partition of `__consumer_offsets`, see `TransactionalOffsets.complete`."""
        await self.transactional_offsets.complete(changelog_partition, producer_id, commit=commit)

    # --- members

    async def join(self, group_id: str, call: JoinCall, caller: Caller) -> JoinAnswer:
        """JoinGroup: returns when the rebalance is complete; who completes it, when the others have their answers."""
        group = await self._ready(group_id)
        if group is None:
            if call.member_id:
                return JoinAnswer(ErrorCode.UNKNOWN_MEMBER_ID, call.member_id)
            group = self._groups[group_id] = Group(group_id, state_timestamp_ms=self._clock.now_ms())
            await self._save_new(group)
        call.token = next(self._tokens)
        with self._joins.parked(call.token) as parked:
            before = group.state
            effects = join(group, call, trio.current_time(), self._limits())
            await self._carry_out(group, before, effects)
            await self._joins.others_sent(effects.joins, parked)
            return await parked.wait(caller)

    async def sync(self, group_id: str, call: SyncCall, caller: Caller) -> SyncAnswer:
        """SyncGroup: returns when the leader has assigned; its own does when the others have their answers."""
        group = await self._ready(group_id)
        if group is None:
            return SyncAnswer(ErrorCode.UNKNOWN_MEMBER_ID)
        call.token = next(self._tokens)
        with self._syncs.parked(call.token) as parked:
            before = group.state
            effects = sync(group, call, trio.current_time())
            await self._carry_out(group, before, effects)
            await self._syncs.others_sent(effects.syncs, parked)
            return await parked.wait(caller)

    def heartbeat(
        self, group_id: str, member_id: str, group_instance_id: str | None, generation_id: int
    ) -> None:
        """Heartbeat. Raises KafkaError as the state machine's heartbeat does."""
        group = self._groups.get(group_id)
        if group is None:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        heartbeat(group, member_id, group_instance_id, generation_id, trio.current_time())

    async def leave(self, group_id: str, leaving: Iterable[Leaving]) -> None:
        """LeaveGroup: sets each one's error code."""
        group = await self._ready(group_id)
        if group is None:
            for one in leaving:
                one.error_code = ErrorCode.UNKNOWN_MEMBER_ID
            return
        before = group.state
        effects = leave(group, leaving, trio.current_time(), self._limits())
        await self._carry_out(group, before, effects)

    # --- start and time

    async def load(self) -> None:
        """Read the groups from the store. Their members' sessions start anew."""
        for stored in await self._store.load():
            group = await self._load_group(stored)
            self._groups[group.group_id] = group
            self._rearm(group)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Let sessions and rebalances expire, until cancelled."""
        task_status.started()
        while True:
            self._wake = trio.Event()
            deadline = self._timers.next()
            self._sleeps_until = math.inf if deadline is None else deadline
            with trio.move_on_at(self._sleeps_until):
                await self._wake.wait()
            now = trio.current_time()
            for _, group_id in list(self._timers.expired(now)):
                group = await self._ready(group_id)
                if group is not None:
                    before = group.state
                    await self._carry_out(group, before, tick(group, now, self._limits()))

    async def _ready(self, group_id: str) -> Group | None:
        """A group, once the log that is told of it is open: from a change until that is stored nothing may suspend.

        Else what others do meanwhile would be stored with it: one who just joined, as a member of a stable group.
        """
        if group_id in self._groups:
            await self._changelog.open(group_id)
        return self._groups.get(group_id)

    async def _carry_out(self, group: Group, before: GroupState, effects: Effects) -> None:
        if group.state is not before:
            group.state_timestamp_ms = self._clock.now_ms()
            log.debug("Group %r: %s, generation %d", group.group_id, group.state, group.generation_id)
        if effects.save:
            try:
                with trio.CancelScope(
                    shield=True
                ):  # others wait for these answers, whatever becomes of the caller
                    await self._save(group)
            except (KafkaError, ValueError) as error:  # ValueError: a name too long for the stored form
                self._limited_log.error(
                    group.group_id, "Group %r could not be stored: %s", group.group_id, error
                )
                effects = assignment_not_stored(group, effects, trio.current_time(), self._limits())
        self._joins.answer(effects.joins)
        self._syncs.answer(effects.syncs)
        self._rearm(group)

    async def _save(self, group: Group) -> None:
        key, state = group_key(group.group_id), encode_group(group)
        await self._store.save_group(group.group_id, state)
        await self._changelog.append(group.group_id, [(key, state)])

    async def _save_new(self, group: Group) -> None:
        """As in Apache Kafka a group is there from when somebody first tried to join it, whatever comes of that."""
        try:
            with trio.CancelScope(shield=True):
                await self._changelog.open(group.group_id)
                # If it isn't empty any more, another caller has gone on meanwhile, who stores it.
                if group.state is GroupState.EMPTY:
                    await self._save(group)
        except (KafkaError, ValueError) as error:
            self._limited_log.warning(
                group.group_id, "Group %r could not be stored yet: %s", group.group_id, error
            )

    def _rearm(self, group: Group) -> None:
        deadline = group.deadlines.next()
        if deadline is None:
            self._timers.cancel(("group", group.group_id))
            return
        self._timers.set(("group", group.group_id), deadline)
        if deadline < self._sleeps_until:
            self._wake.set()

    async def _load_group(self, stored: StoredGroup) -> Group:
        try:
            group = restore(stored.group_id, stored.state, trio.current_time(), self._limits())
        except ProtocolError as error:
            # Its offsets are worth more than its members, who will simply join again.
            log.error("The members of group %r cannot be read: %s", stored.group_id, error)
            group = Group(stored.group_id, state_timestamp_ms=self._clock.now_ms())
        gone = []
        for (topic, partition), offset in stored.offsets.items():
            if self._topics.by_id(offset.topic_id) is None:
                gone.append((topic, partition))  # the topic was deleted just before the broker went down
            else:
                group.offsets.put(topic, partition, offset)
        self.transactional_offsets.load(group, stored.pending)
        gone += [(topic, index) for topic, index in group.pending_offsets if self._topics.get(topic) is None]
        if gone:
            await self._store.forget({stored.group_id: gone})
            group.pending_offsets.forget(gone)
            await self._changelog.append(
                stored.group_id, [(offset_key(stored.group_id, *partition), None) for partition in gone]
            )
        return group

    def _limits(self) -> GroupLimits:
        return GroupLimits(
            initial_rebalance_delay_ms=self._config.int("group.initial.rebalance.delay.ms"),
            max_size=self._config.int("group.max.size"),
        )
