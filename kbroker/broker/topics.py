"""The topics of a broker: in memory for everyone who asks, and durable through the metadata store.

Every change is written to the store first; the store is what a restart finds. A deletion replaces the topic in
the store and is forgotten there only when nothing is left of its logs: whatever interrupts it, it is finished at
the next start, or before a topic of that name is made again.
"""

from __future__ import annotations

import base64
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import trio

from kbroker.broker.background import PacedBackground
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.topics import Topic, TopicRegistry
from kbroker.storage.interfaces.meta import StoredTopic, TopicDeletion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kbroker.config.broker_config import BrokerConfig
    from kbroker.storage.interfaces.logs import LogStore
    from kbroker.storage.interfaces.meta import MetaStore

log = logging.getLogger(__name__)

JUST_DELETED_S: Final = 5.0
DELETED_KEPT: Final = 1000  # names; more are forgotten all at once

DeletionCallback = Callable[[TopicDeletion], Awaitable[None]]


class TopicCatalog:
    """Finds, creates, changes and deletes topics. A topic can be used as soon as `create` returns."""

    def __init__(self, meta_store: MetaStore, log_store: LogStore, config: BrokerConfig) -> None:
        """Start without topics; `load` brings those of the store."""
        self._meta_store = meta_store
        self._log_store = log_store
        self._config = config
        self._topics = TopicRegistry()
        # Changes go one by one, so that what was checked still holds when the store has answered.
        self._changes = trio.Lock()
        self._deletion_callbacks: list[DeletionCallback] = []
        self._unfinished: dict[str, TopicDeletion] = {}  # deletions by name, of which there is no topic
        self._deleted_at: dict[str, float] = {}

    async def load(self, topics: Iterable[StoredTopic], deletions: Iterable[TopicDeletion]) -> None:
        """Take over what the store holds, at start, and finish what a crash interrupted."""
        for stored in topics:
            self._topics.add(self._topic(stored))
        for deletion in deletions:
            await self._carry_out(deletion)

    def on_delete(self, callback: DeletionCallback) -> None:
        """Have `callback` awaited for each deletion before it is finished.

        Should it raise, or the deletion fail otherwise, it will be called again.
        """
        self._deletion_callbacks.append(callback)

    def get(self, name: str) -> Topic | None:
        """The topic of this name."""
        return self._topics.get(name)

    def by_id(self, topic_id: bytes) -> Topic | None:
        """The topic of this id."""
        return self._topics.by_id(topic_id)

    def all(self) -> Sequence[Topic]:
        """Every topic."""
        return list(self._topics.all())

    def was_just_deleted(self, name: str) -> bool:
        """Whether there was a topic of this name a few seconds ago, and there was none since."""
        deleted_at = self._deleted_at.get(name)
        return deleted_at is not None and trio.current_time() - deleted_at < JUST_DELETED_S

    def check_new(self, name: str) -> None:
        """Check a name before `create`. Raises KafkaError: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION."""
        self._topics.check_new(name)

    async def create(self, name: str, partitions: int, configs: Mapping[str, str]) -> Topic:
        """Create a topic of a name that `check_new` let pass. `configs` is what is set on the topic itself.

        Raises KafkaError: TOPIC_ALREADY_EXISTS, INVALID_CONFIG, KAFKA_STORAGE_ERROR.
        """
        async with self._changes:
            self._topics.check_free(name)
            if name in self._unfinished:
                await self._finish(self._unfinished[name])
            stored = StoredTopic(name, new_topic_id(), partitions, dict(configs))
            topic = self._topic(stored)
            await self._log_store.place(name, range(partitions))
            await self._meta_store.create_topic(stored)
            self._topics.add(topic)
            self._deleted_at.pop(name, None)
            return topic

    async def delete(self, topic: Topic) -> None:
        """Delete a topic with all that hangs on it; what of that the disk refuses is tried again later.

        Raises KafkaError: UNKNOWN_TOPIC_ID if it is gone, KAFKA_STORAGE_ERROR if it stays.
        """
        async with self._changes:
            self._check_exists(topic)
            await self._meta_store.delete_topic(topic.topic_id)
            self._topics.remove(topic)
            if len(self._deleted_at) >= DELETED_KEPT:
                self._deleted_at.clear()
            self._deleted_at[topic.name] = trio.current_time()
            await self._carry_out(TopicDeletion(topic.name, topic.topic_id, topic.partitions))

    async def add_partitions(self, topic: Topic, count: int) -> None:
        """Give a topic `count` partitions in all.

        Raises KafkaError: INVALID_PARTITIONS if that is no increase, UNKNOWN_TOPIC_ID if the topic is gone.
        """
        async with self._changes:
            self._check_exists(topic)
            if count <= topic.partitions:
                raise KafkaError(ErrorCode.INVALID_PARTITIONS)
            await self._log_store.place(topic.name, range(topic.partitions, count))
            await self._meta_store.set_partitions(topic.topic_id, count)
            topic.partitions = count

    async def change_configs(
        self, topic: Topic, change: Callable[[Mapping[str, str]], dict[str, str]]
    ) -> None:
        """Replace what is set on the topic itself by what `change` makes of it; it is in force at once.

        Raises KafkaError: INVALID_CONFIG, UNKNOWN_TOPIC_ID if the topic is gone, and what `change` raises.
        """
        async with self._changes:
            self._check_exists(topic)
            configs = change(topic.configs)
            config = self._config.topic_config(configs)
            await self._meta_store.set_topic_configs(topic.topic_id, configs)
            topic.configs = configs
            topic.config.update_from(config)

    def refresh_configs(self) -> None:
        """Work out every topic's config anew, after a change of the broker's, the defaults."""
        for topic in self._topics.all():
            topic.config.update_from(self._config.topic_config(topic.configs))

    def _topic(self, stored: StoredTopic) -> Topic:
        config = self._config.topic_config(stored.configs)
        return Topic(stored.name, stored.topic_id, stored.partitions, dict(stored.configs), config)

    async def _carry_out(self, deletion: TopicDeletion) -> None:
        self._unfinished[deletion.name] = deletion
        try:
            await self._finish(deletion)
        except KafkaError as error:
            log.warning("What is left of deleted topic %s cannot be removed yet: %s", deletion.name, error)

    async def _finish(self, deletion: TopicDeletion) -> None:
        """Every step may be repeated. Raises KafkaError KAFKA_STORAGE_ERROR."""
        try:
            others = PacedBackground(urgent=True)
            await self._log_store.delete_topic(deletion.name, deletion.topic_id, deletion.partitions, others)
        finally:  # whatever became of its files, the topic is gone
            for callback in self._deletion_callbacks:
                await callback(deletion)
        await self._meta_store.finish_deletion(deletion.topic_id)
        del self._unfinished[deletion.name]

    def _check_exists(self, topic: Topic) -> None:
        if self._topics.by_id(topic.topic_id) is not topic:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_ID)


def new_topic_id() -> bytes:
    """A random id. None whose base64 form begins with `-`, which command lines would take for an option."""
    while True:
        topic_id = uuid.uuid4().bytes
        if not base64.urlsafe_b64encode(topic_id).startswith(b"-"):
            return topic_id
