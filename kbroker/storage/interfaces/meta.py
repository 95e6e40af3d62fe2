"""What the cluster knows of itself: topics, configs, features, producer ids."""

from collections.abc import Mapping
from typing import Protocol

from attrs import define


@define
class StoredTopic:
    """A topic as the metadata store keeps it. `topic_id` is 16 bytes, `configs` only what was set on the topic."""

    name: str
    topic_id: bytes
    partitions: int
    configs: dict[str, str]


@define
class TopicDeletion:
    """A topic that is no more, and whose logs may still have to go."""

    name: str
    topic_id: bytes
    partitions: int


@define
class StoredMetadata:
    """Everything a broker reads at start."""

    cluster_id: str
    topics: list[StoredTopic]
    deletions: list[TopicDeletion]
    broker_configs: dict[str, dict[str, str]]  # resource name ("" = cluster-wide default) to name to value
    features: dict[str, int]  # levels of those that were ever changed
    resource_configs: dict[tuple[int, str], dict[str, str]]  # of groups and client metrics, by type and name


class MetaStore(Protocol):
    """Topics, ids, configs, dynamic broker configs, producer id blocks. Writes are durable when they return.

    Those that fail raise KafkaError KAFKA_STORAGE_ERROR.
    """

    async def load(self) -> StoredMetadata:
        """Read it all."""
        ...

    async def create_topic(self, topic: StoredTopic) -> None:
        """Add a topic."""
        ...

    async def delete_topic(self, topic_id: bytes) -> None:
        """Replace a topic by its deletion, which is remembered until it is finished."""
        ...

    async def finish_deletion(self, topic_id: bytes) -> None:
        """Forget a deletion: nothing is left of the topic."""
        ...

    async def set_partitions(self, topic_id: bytes, partitions: int) -> None:
        """Change the number of partitions."""
        ...

    async def set_topic_configs(self, topic_id: bytes, configs: Mapping[str, str]) -> None:
        """Replace what is set on a topic."""
        ...

    async def set_broker_configs(self, resource: str, configs: Mapping[str, str]) -> None:
        """Replace the dynamic configs of one node, or of all ("")."""
        ...

    async def set_resource_configs(
        self, resource_type: int, resource: str, configs: Mapping[str, str]
    ) -> None:
        """Replace the configs of a group or of client metrics."""
        ...

    async def set_features(self, levels: Mapping[str, int]) -> None:
        """Set the finalised levels of these features."""
        ...

    async def changes(self) -> int:
        """How many changes were ever made: it never becomes less."""
        ...

    async def allocate_producer_ids(self, count: int) -> int:
        """Reserve a block of producer ids; returns the first. Never gives an id twice."""
        ...
