"""How many partitions and replicas may be asked for, and on which brokers: Kafka's controller's rules."""

from collections.abc import Mapping, Sequence, Set

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

# What one request may ask of Kafka's controller: partitions, and records of its metadata log.
MAX_PARTITIONS_PER_REQUEST = 10_000
MAX_METADATA_RECORDS_PER_REQUEST = 10_000

DEFAULT = -1  # in place of a number: whatever the broker's config says


def check_counts(partitions: int, replication_factor: int) -> None:
    """Check numbers that may be DEFAULT.

    Raises KafkaError: INVALID_REPLICATION_FACTOR, INVALID_PARTITIONS.
    """
    if replication_factor < DEFAULT or replication_factor == 0:
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        )
    if partitions < DEFAULT or partitions == 0:
        raise KafkaError(
            ErrorCode.INVALID_PARTITIONS, "Number of partitions was set to an invalid non-positive value."
        )


def check_replication_factor(replication_factor: int, registered: Set[int]) -> None:
    """Check that so many brokers exist. Raises KafkaError INVALID_REPLICATION_FACTOR."""
    if replication_factor > len(registered):
        raise KafkaError(
            ErrorCode.INVALID_REPLICATION_FACTOR,
            f"Unable to replicate the partition {replication_factor} time(s): The target replication factor "
            f"of {replication_factor} cannot be reached because only {len(registered)} broker(s) are registered or "
            "some brokers have all their log directories cordoned.",
        )


def check_assignment(
    assignments: Sequence[tuple[int, Sequence[int]]],
    partitions: int,
    replication_factor: int,
    registered: Set[int],
) -> None:
    """Check a new topic's manual assignment: pairs of a partition and the brokers that shall have it.

    Raises KafkaError: INVALID_REQUEST unless both numbers are DEFAULT, INVALID_REPLICA_ASSIGNMENT.
    """
    for field, value in (("replication factor", replication_factor), ("numPartitions", partitions)):
        if value != DEFAULT:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                f"A manual partition assignment was specified, but {field} was not set to -1.",
            )
    placed: dict[int, Sequence[int]] = {}
    for partition, replicas in assignments:
        if partition in placed:
            raise _invalid(f"Found multiple manual partition assignments for partition {partition}")
        check_replicas(replicas, registered)
        placed[partition] = replicas
    _check_consecutive(placed)


def check_replicas(replicas: Sequence[int], registered: Set[int]) -> None:
    """Check the brokers that shall have one partition. Raises KafkaError INVALID_REPLICA_ASSIGNMENT."""
    if not replicas:
        raise _invalid("The manual partition assignment includes an empty replica list.")
    for broker in sorted(replicas):
        if broker not in registered:
            raise _invalid(
                f"The manual partition assignment includes broker {broker}, but no such broker is registered."
            )
        if replicas.count(broker) > 1:
            raise _invalid(f"The manual partition assignment includes the broker {broker} more than once.")


def _check_consecutive(placed: Mapping[int, Sequence[int]]) -> None:
    if sorted(placed) != list(range(len(placed))):
        raise _invalid("partitions should be a consecutive 0-based integer sequence")


def _invalid(reason: str) -> KafkaError:
    return KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, reason)
