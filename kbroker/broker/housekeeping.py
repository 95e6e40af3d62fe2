"""What a broker does by itself: timers, retention, compaction, syncing, moves between directories, repairs.

Jobs are repeatable and none is urgent: one that fails is logged, and tried again next time.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Final

import trio

from kbroker.broker.background import PacedBackground
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from kbroker.broker.broker import Broker
    from kbroker.broker.changelog_repair import TopicRepair
    from kbroker.broker.groups import GroupCoordinator
    from kbroker.broker.transactions import TransactionCoordinator
    from kbroker.storage.interfaces.logs import KnownPartition, LogStore

log = logging.getLogger(__name__)

TEND_INTERVAL_S: Final = 1.0
REPAIR_INTERVAL_S: Final = 10.0
SHORTEST_INTERVAL_S: Final = 0.05  # of what is to be done at once, again and again


class Housekeeping:
    """A broker's own tasks."""

    def __init__(self, broker: Broker, logs: LogStore) -> None:
        self._broker = broker
        self._config = broker.config
        self._clock = broker.clock
        self._logs = logs
        self._tasks: list[Callable[[], Awaitable[None]]] = []  # of what is there before housekeeping runs
        self._nursery: trio.Nursery | None = None
        self._moves_due = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run until it is cancelled."""
        jobs: dict[str, Callable[[], Awaitable[None]]] = {
            "log.retention.check.interval.ms": self._enforce_retention,
            "log.cleaner.backoff.ms": self._clean_logs,
        }
        if self._broker.may_have_tokens:
            jobs["delegation.token.expiry.check.interval.ms"] = self._broker.delegation_tokens.remove_expired
        try:
            async with trio.open_nursery() as self._nursery:
                for interval_config, job in jobs.items():
                    self._begin(self._every, interval_config, job)
                for task in self._tasks:
                    self._begin(task)
                self._begin(self._tend_files)
                if len(self._config.list("log.dirs")) > 1:
                    self._begin(self._move_replicas)
                task_status.started()
        finally:
            self._nursery = None

    def tend_groups(self, groups: GroupCoordinator) -> None:
        """Keep the time of groups from now on."""
        self._begin(groups.run)
        self._begin(self._every, "offsets.retention.check.interval.ms", groups.expire_offsets)
        self._begin(self._repair, groups.topic_repair)

    def tend_transactions(self, transactions: TransactionCoordinator) -> None:
        """Finish, time out and forget transactions from now on."""

        async def tend() -> None:
            await transactions.finish_prepared()
            await transactions.abort_timed_out()

        self._begin(self._every, "transaction.abort.timed.out.transaction.cleanup.interval.ms", tend)
        self._begin(
            self._every, "transaction.remove.expired.transaction.cleanup.interval.ms", transactions.expire
        )
        self._begin(self._repair, transactions.topic_repair)

    def look_for_moves(self) -> None:
        """Say that a partition is to move to another directory."""
        self._moves_due.set()

    def _begin(self, task: Callable[..., Awaitable[None]], *args: object) -> None:
        """Run a task for as long as housekeeping runs, from now or from its start on."""
        if self._nursery is None:
            self._tasks.append(partial(task, *args))
        else:
            self._nursery.start_soon(task, *args)

    async def _every(self, interval_config: str, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            await trio.sleep(max(self._config.int(interval_config) / 1000, SHORTEST_INTERVAL_S))
            try:
                await job()
            except Exception:
                log.exception("housekeeping failed and will be tried again")

    async def _enforce_retention(self) -> None:
        others = PacedBackground()
        now_ms = self._clock.now_ms()
        for known in self._broker.known_partitions():
            if not self._broker.is_open(known) and self._logs.is_due(known, now_ms):
                await self._open(known)
            await others.pause()
        await self._logs.enforce_retention(self._clock.now_ms())

    async def _open(self, known: KnownPartition) -> None:
        topic = self._broker.topics.by_id(known.topic_id)
        try:
            if topic is not None:
                await self._broker.partition(topic, known.index)
        except KafkaError as error:
            log.debug("%s-%d: cannot be opened by housekeeping: %s", known.topic, known.index, error)

    async def _clean_logs(self) -> None:
        threads = self._config.int("log.cleaner.threads")
        if threads and self._config.bool("log.cleaner.enable"):
            await self._logs.clean(self._clock.now_ms(), PacedBackground(threads=threads))

    async def _move_replicas(self) -> None:
        """Copy what moves to another directory, first of all what a stop or a crash interrupted."""
        for name, index in self._logs.unfinished_moves():
            topic = self._broker.topics.get(name)
            if topic is None or index >= topic.partitions:
                continue
            try:
                await self._broker.partition(topic, index)
                await self._logs.resume_move(name, index)
            except KafkaError as error:
                log.warning("%s-%d: its move to another directory is not resumed: %s", name, index, error)
        while True:
            await self._logs.carry_on_moves(PacedBackground())
            await self._moves_due.wait()
            self._moves_due = trio.Event()

    async def _repair(self, repair: TopicRepair) -> None:
        """At once after a start, and later when something could not be appended."""
        while True:
            if repair.is_due:
                await repair.run(PacedBackground().pause)
            await trio.sleep(REPAIR_INTERVAL_S)

    async def _tend_files(self) -> None:
        """Sync what flush.ms asks for, off the event loop, and unlink files whose time has come."""
        while True:
            await trio.sleep(TEND_INTERVAL_S)
            now_ms = self._clock.now_ms()
            try:
                if self._logs.flush_due(now_ms):
                    await trio.to_thread.run_sync(self._logs.flush, now_ms)
                await self._logs.remove_deleted(now_ms)
            except Exception:
                log.exception("tending log files failed and will be tried again")
