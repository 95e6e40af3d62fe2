"""The quorum that keeps the cluster's metadata, as clients see it: this broker is its only voter (KIP-853)."""

import base64
from typing import TYPE_CHECKING

from attrs import frozen

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from kbroker.broker.broker import Broker

NO_DIRECTORY = bytes(16)


@frozen
class Voter:
    """A node and the directory that it keeps the metadata in, whose id is 16 bytes."""

    node_id: int
    directory_id: bytes

    def __str__(self) -> str:
        """As Apache Kafka shows it."""
        directory = base64.urlsafe_b64encode(self.directory_id).decode().rstrip("=")
        return f"ReplicaKey(id={self.node_id}, directoryId={directory})"


async def only_voter(broker: "Broker") -> Voter:
    """This broker. Raises KafkaError KAFKA_STORAGE_ERROR."""
    return Voter(broker.node_id, (await broker.log_dirs())[0].directory_id)


def check_voter(broker: "Broker", cluster_id: str | None, voter: Voter, action: str) -> None:
    """Check what a request says of a voter to add or to remove; null is any cluster.

    Raises KafkaError: INCONSISTENT_CLUSTER_ID, INVALID_REQUEST.
    """
    if cluster_id is not None and cluster_id != broker.cluster_id:
        raise KafkaError(
            ErrorCode.INCONSISTENT_CLUSTER_ID,
            f'The given id "{cluster_id}" doesn\'t match the cluster id "{broker.cluster_id}"',
        )
    if voter.node_id < 0 or voter.directory_id == NO_DIRECTORY:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"{action} voter request didn't include a valid voter")
