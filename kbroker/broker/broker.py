"""The broker: what a handler receives. An object without global state, so that one process can hold many."""

from __future__ import annotations

import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING

import trio
from attrs import define

from kbroker.broker.background import PacedBackground
from kbroker.broker.features import Features
from kbroker.broker.housekeeping import Housekeeping
from kbroker.broker.producer_ids import ProducerIds
from kbroker.broker.quotas_in_force import QuotasInForce
from kbroker.broker.request_memory import RequestMemory
from kbroker.broker.resource_configs import ResourceConfigs
from kbroker.broker.response_memory import ResponseMemory
from kbroker.broker.topics import TopicCatalog
from kbroker.config.broker_config import CLUSTER_WIDE_RESOURCE, MIN_INSYNC_REPLICAS
from kbroker.errors import StartupError
from kbroker.limited_log import LimitedLog
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.features import TRANSACTION_VERSION
from kbroker.state.topics import CONSUMER_OFFSETS, TRANSACTION_STATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kbroker.broker.acls import Acls
    from kbroker.broker.changelog_repair import TopicRepair
    from kbroker.broker.client_quotas import ClientQuotas
    from kbroker.broker.delegation_tokens import DelegationTokens
    from kbroker.broker.groups import GroupCoordinator
    from kbroker.broker.partition import Partition
    from kbroker.broker.pattern_matcher import PatternMatcher
    from kbroker.broker.purgatory import Purgatory
    from kbroker.broker.scram_users import ScramUsers
    from kbroker.broker.transactions import Marker, TransactionCoordinator
    from kbroker.clock import Clock
    from kbroker.config.broker_config import BrokerConfig
    from kbroker.state.acls import Authorizer
    from kbroker.state.fetch_sessions import FetchSessions
    from kbroker.state.topics import Topic
    from kbroker.storage.interfaces.acls import AclStore
    from kbroker.storage.interfaces.delegation_tokens import DelegationTokenStore
    from kbroker.storage.interfaces.groups import GroupStore
    from kbroker.storage.interfaces.logs import KnownPartition, LogDir, LogStore, Replica
    from kbroker.storage.interfaces.meta import MetaStore, TopicDeletion
    from kbroker.storage.interfaces.quotas import QuotaStore
    from kbroker.storage.interfaces.scram import ScramStore
    from kbroker.storage.interfaces.transactions import TxnStore


COLD_READS = 8  # at once, of what is not in the kernel's memory


@define
class Stores:
    """Where a broker keeps what must outlive it."""

    meta: MetaStore
    groups: GroupStore
    transactions: TxnStore
    quotas: QuotaStore
    logs: LogStore
    scram: ScramStore
    delegation_tokens: DelegationTokenStore
    acls: AclStore


class Broker:
    """Topics, partitions, groups, producers and sessions of one node."""

    def __init__(self, config: BrokerConfig, clock: Clock, stores: Stores) -> None:
        self.config = config
        self.clock = clock
        self.node_id = config.int("node.id")
        self.rack = config.optional_str("broker.rack")
        self.cluster_id = ""  # known once loaded
        self.features = Features(stores.meta)
        self.resource_configs = ResourceConfigs(stores.meta)
        self.topics = TopicCatalog(stores.meta, stores.logs, config)
        self.producer_ids = ProducerIds(stores.meta)
        self.limited_log = LimitedLog(logging.getLogger("kbroker.handlers"))  # what handlers say of requests
        self.quotas_in_force = QuotasInForce()
        # Threads of their own, so that slow disks don't hold up what else is done in threads.
        self.read_cold = partial(trio.to_thread.run_sync, limiter=trio.CapacityLimiter(COLD_READS))
        self.request_memory = RequestMemory(config.int("queued.max.request.bytes"))
        self.response_memory = ResponseMemory(config.int("queued.max.response.bytes"))
        self.authorizer: Authorizer | None = None  # None: everyone may do everything
        self.acls: Acls | None = None
        self._stores = stores
        self._groups: GroupCoordinator | None = None
        self._transactions: TransactionCoordinator | None = None
        if config.str("authorizer.class.name"):
            self._set_up_authorizer()
        self._partitions: dict[tuple[bytes, int], Partition] = {}
        # What must be able to go on with new settings: raises StartupError if it could not.
        self.config_checks: list[Callable[[BrokerConfig], None]] = []
        self._opening: dict[tuple[bytes, int], trio.Event] = {}
        self._config_changes = trio.Lock()
        self._housekeeping = Housekeeping(self, stores.logs)
        self.topics.on_delete(self._topic_deleted)

    def _set_up_authorizer(self) -> None:
        from kbroker.broker.acls import Acls
        from kbroker.config.authorizer import authorizer_settings
        from kbroker.state.acls import Authorizer

        if settings := authorizer_settings(self.config):
            self.authorizer = Authorizer(settings.super_users, allow_if_no_acl=settings.allow_if_no_acl)
            self.acls = Acls(self._stores.acls, self.authorizer)

    async def load(self) -> None:
        """Read what the stores hold. Call once, before anything is served."""
        metadata = await self._stores.meta.load()
        self.cluster_id = metadata.cluster_id
        await self.features.load(metadata.features)
        self.resource_configs.load(metadata.resource_configs)
        # Apache Kafka has min.insync.replicas set for all brokers from its first start on (KIP-966).
        inherited = {MIN_INSYNC_REPLICAS: str(self.config.int(MIN_INSYNC_REPLICAS))}
        self.config.set_dynamic(CLUSTER_WIDE_RESOURCE, inherited)
        for resource, configs in metadata.broker_configs.items():
            self.config.set_dynamic(
                resource, inherited | configs if resource == CLUSTER_WIDE_RESOURCE else configs
            )
        await self.topics.load(metadata.topics, metadata.deletions)
        if self.topics.get(CONSUMER_OFFSETS) or not await self._stores.groups.is_empty():
            await self.groups.load()
            await self._suspect(CONSUMER_OFFSETS, self.groups.topic_repair)
        if self.topics.get(TRANSACTION_STATE) or not await self._stores.transactions.is_empty():
            await self.transactions.load()
            await self._suspect(TRANSACTION_STATE, self.transactions.topic_repair)
            await self.transactions.finish_prepared()
        if not await self._stores.quotas.is_empty():
            await self.quotas.load()
        if not await self._stores.scram.is_empty():
            await self.scram_users.load()
        if self.may_have_tokens:
            await self.delegation_tokens.load()
        if self.acls is not None:
            await self.acls.load()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run the broker's own tasks: group timers and housekeeping. Cancel to end them."""
        await self._housekeeping.run(task_status=task_status)

    # What few brokers need, or none at first, is imported and made when it is asked for: a start does not wait for it.

    @cached_property
    def purgatory(self) -> Purgatory:
        """Fetches that wait."""
        from kbroker.broker.purgatory import Purgatory

        return Purgatory(self.limited_log)

    @property
    def groups(self) -> GroupCoordinator:
        """Consumer groups."""
        if self._groups is None:
            self._groups = self._new_groups()
        return self._groups

    def _new_groups(self) -> GroupCoordinator:
        from kbroker.broker.changelog import Changelog
        from kbroker.broker.groups import GroupCoordinator
        from kbroker.broker.internal_topics import create_offsets_topic
        from kbroker.protocol.records import Codec

        topic = partial(create_offsets_topic, self.topics, self.config)
        codec = Codec(self.config.int("offsets.topic.compression.codec"))
        changelog = Changelog(topic, self.partition, self.clock, codec)
        groups = GroupCoordinator(self.config, self._stores.groups, self.clock, self.topics, changelog)
        self._housekeeping.tend_groups(groups)
        return groups

    @property
    def transactions(self) -> TransactionCoordinator:
        """Transactional ids."""
        if self._transactions is None:
            self._transactions = self._new_transactions()
        return self._transactions

    def _new_transactions(self) -> TransactionCoordinator:
        from kbroker.broker.changelog import Changelog
        from kbroker.broker.internal_topics import create_transactions_topic
        from kbroker.broker.transactions import TransactionCoordinator
        from kbroker.state.producers import NO_SEQUENCE

        topic = partial(create_transactions_topic, self.topics, self.config)
        transactions = TransactionCoordinator(
            self.config,
            self._stores.transactions,
            self.clock,
            self.producer_ids,
            Changelog(topic, self.partition, self.clock, base_sequence=NO_SEQUENCE),
            self.write_marker,
            partial(self.features.finalized, TRANSACTION_VERSION),
        )
        self._housekeeping.tend_transactions(transactions)
        return transactions

    @cached_property
    def quotas(self) -> ClientQuotas:
        """Client quotas, set or to be set."""
        from kbroker.broker.client_quotas import ClientQuotas

        return ClientQuotas(self.config, self._stores.quotas, self.quotas_in_force)

    @cached_property
    def fetch_sessions(self) -> FetchSessions:
        """Incremental fetch sessions (KIP-227)."""
        from kbroker.state.fetch_sessions import FetchSessions

        return FetchSessions(self.config.int("max.incremental.fetch.session.cache.slots"))

    @cached_property
    def patterns(self) -> PatternMatcher:
        """Matches clients' regular expressions."""
        from kbroker.broker.pattern_matcher import PatternMatcher

        return PatternMatcher()

    @cached_property
    def scram_users(self) -> ScramUsers:
        """Users that may log in with SCRAM."""
        from kbroker.broker.scram_users import ScramUsers

        return ScramUsers(self._stores.scram)

    @cached_property
    def delegation_tokens(self) -> DelegationTokens:
        """Delegation tokens of the cluster."""
        from kbroker.broker.delegation_tokens import DelegationTokens

        return DelegationTokens(self.config, self._stores.delegation_tokens, self.clock)

    @property
    def may_have_tokens(self) -> bool:
        """Whether delegation tokens are given out here."""
        return bool(self.config.optional_str("delegation.token.secret.key"))

    async def partition(self, topic: Topic, index: int) -> Partition:
        """The partition `index` of a topic that exists; its log is opened at first need.

        Raises KafkaError: KAFKA_STORAGE_ERROR when the log can't be opened, UNKNOWN_TOPIC_OR_PARTITION when the
        topic is gone.
        """
        key = (topic.topic_id, index)
        partition = self._partitions.get(key)
        if partition is None:
            partition = await self._open(topic, index)
            # Opening takes half a millisecond and more; a request for thousands must not hold up all others.
            await trio.lowlevel.checkpoint()
        return partition

    async def write_marker(self, topic_name: str, index: int, marker: Marker) -> None:
        """End a producer's transaction in one partition; a group's offsets in it count from then on, or never.

        Raises KafkaError: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
        KAFKA_STORAGE_ERROR.
        """
        topic = self.topics.get(topic_name)
        if topic is None or not 0 <= index < topic.partitions:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        partition = await self.partition(topic, index)
        await partition.append_marker(
            memoryview(marker.batch(self.clock.now_ms())), marker.transaction_version
        )
        if topic_name == CONSUMER_OFFSETS:
            await self.groups.complete_transaction(index, marker.producer_id, commit=marker.commit)

    async def _open(self, topic: Topic, index: int) -> Partition:
        """Have the log opened by one, and everyone who asks meanwhile wait: a crash may have left much to do."""
        key = (topic.topic_id, index)
        while (opening := self._opening.get(key)) is not None:
            await opening.wait()
        partition = self._partitions.get(key)
        if partition is not None:
            return partition
        if self.topics.by_id(topic.topic_id) is not topic:  # deleted while the request waited
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        from kbroker.broker.partition import Partition

        self._opening[key] = trio.Event()
        try:
            store = await self._stores.logs.partition(
                topic.name, topic.topic_id, index, topic.config, PacedBackground(urgent=True)
            )
            partition = self._partitions[key] = Partition(topic, index, store)
        finally:
            self._opening.pop(key).set()
        return partition

    def leader_epoch(self, topic: Topic, index: int) -> int:
        """The epoch that clients are told a partition is led in.

        One that nobody opened since the start is answered with 0, not opened for this: should its log know
        a later epoch, the first request to it is fenced and the client asks again.
        """
        partition = self._partitions.get((topic.topic_id, index))
        return 0 if partition is None else partition.store.leader_epoch

    def known_partitions(self) -> Iterator[KnownPartition]:
        """Every partition, as long as it exists: topics may come and go between two of them."""
        for topic in self.topics.all():
            for known in known_partitions_of(topic):
                if self.topics.by_id(topic.topic_id) is not topic:
                    break
                yield known

    def is_open(self, partition: KnownPartition) -> bool:
        """Whether somebody asked for it since the start."""
        return (partition.topic_id, partition.index) in self._partitions

    def is_offline(self, topic: Topic, index: int) -> bool:
        """Whether a partition's log directory is known to be of no use."""
        return self._stores.logs.is_offline(topic.name, index)

    async def log_dirs(self) -> list[LogDir]:
        """Where the logs are."""
        return await self._stores.logs.log_dirs()

    async def replicas(self, partition: KnownPartition) -> list[Replica]:
        """Where a partition's log is, and a copy in the making; it is not opened for this."""
        return await self._stores.logs.replicas(partition.topic, partition.topic_id, partition.index)

    async def move_replica(self, name: str, index: int, path: str) -> None:
        """Have a partition move to another directory; one that isn't there yet shall be made there.

        Raises KafkaError: LOG_DIR_NOT_FOUND, INVALID_REPLICA_ASSIGNMENT, KAFKA_STORAGE_ERROR,
        UNKNOWN_TOPIC_OR_PARTITION.
        """
        topic = self.topics.get(name)
        known = topic is not None and 0 <= index < topic.partitions
        if topic is not None and known and not self.is_offline(topic, index):
            await self.partition(topic, index)
        if await self._stores.logs.move(name, index, path):
            self._housekeeping.look_for_moves()
        if not known:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)

    async def metadata_changes(self) -> int:
        """How many changes of topics, configs and producer ids were ever made."""
        return await self._stores.meta.changes()

    def check_configs(self, resource: str, configs: Mapping[str, str]) -> None:
        """Raise KafkaError INVALID_REQUEST unless all of this may be set dynamically, and could be used."""
        from kbroker.config.thread_counts import check_thread_counts

        self.config.check_dynamic(resource, configs)
        check_thread_counts(self.config, configs)
        if self.config_checks:
            candidate = self.config.with_dynamic(resource, configs)
            for check in self.config_checks:
                try:
                    check(candidate)
                except StartupError as error:
                    raise KafkaError(ErrorCode.INVALID_REQUEST, str(error)) from None

    async def change_configs(
        self, resource: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> None:
        """Replace what is set dynamically on this broker (its node id) or all ("") by what `change` makes of it.

        Raises KafkaError INVALID_REQUEST, and what `change` raises.
        """
        async with self._config_changes:
            configs = change(self.config.dynamic(resource))
            self.check_configs(resource, configs)
            await self._stores.meta.set_broker_configs(resource, configs)
            self.config.set_dynamic(resource, configs)
            self.topics.refresh_configs()

    async def _topic_deleted(self, deletion: TopicDeletion) -> None:
        for index in range(deletion.partitions):
            partition = self._partitions.pop((deletion.topic_id, index), None)
            if partition is not None:
                partition.notify_changed()
        # At a start that finishes a deletion nothing of the stores has been read yet.
        if self._groups is not None:
            await self._groups.topic_deleted(deletion.name)
        elif deletion.name == CONSUMER_OFFSETS:
            await self._stores.groups.clear()
        if self._transactions is not None:
            await self._transactions.topic_deleted(deletion.name)
        elif deletion.name == TRANSACTION_STATE:
            await self._stores.transactions.clear()

    async def _suspect(self, internal_topic: str, repair: TopicRepair) -> None:
        topic = self.topics.get(internal_topic)
        known = [] if topic is None else known_partitions_of(topic)
        sizes_bytes = {
            each.index: sum(one.size_bytes for one in await self.replicas(each) if not one.is_future)
            for each in known
        }
        await repair.suspect(sizes_bytes, clean=self._stores.logs.was_clean)


def known_partitions_of(topic: Topic) -> Iterator[KnownPartition]:
    """Every partition of a topic."""
    from kbroker.storage.interfaces.logs import KnownPartition

    for index in range(topic.partitions):
        yield KnownPartition(topic.name, topic.topic_id, index, topic.config)
