import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.partition_layout import (
    check_assignment,
    check_counts,
    check_replicas,
    check_replication_factor,
)


@pytest.mark.parametrize(("partitions", "replicas"), [(1, 1), (-1, -1), (9999, 3)])
def test_counts_that_are_fine(partitions: int, replicas: int) -> None:
    check_counts(partitions, replicas)


@pytest.mark.parametrize(
    ("partitions", "replicas", "code"),
    [
        (0, 1, ErrorCode.INVALID_PARTITIONS),
        (-2, 1, ErrorCode.INVALID_PARTITIONS),
        (1, 0, ErrorCode.INVALID_REPLICATION_FACTOR),
        (1, -2, ErrorCode.INVALID_REPLICATION_FACTOR),
        (0, 0, ErrorCode.INVALID_REPLICATION_FACTOR),
    ],
)
def test_counts_that_are_not(partitions: int, replicas: int, code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as caught:
        check_counts(partitions, replicas)
    assert caught.value.code == code


def test_no_more_replicas_than_brokers() -> None:
    check_replication_factor(2, {1, 2})
    with pytest.raises(KafkaError) as caught:
        check_replication_factor(3, {1, 2})
    assert caught.value.code == ErrorCode.INVALID_REPLICATION_FACTOR


@pytest.mark.parametrize("replicas", [[], [2], [1, 1], [1, 2]])
def test_replicas_are_registered_brokers_each_once(replicas: list[int]) -> None:
    check_replicas([1], {1})
    with pytest.raises(KafkaError) as caught:
        check_replicas(replicas, {1})
    assert caught.value.code == ErrorCode.INVALID_REPLICA_ASSIGNMENT


@pytest.mark.parametrize("assignments", [[(1, [1])], [(0, [1]), (2, [1])], [(0, [1]), (0, [1])], [(-1, [1])]])
def test_assigned_partitions_count_from_zero_without_holes(assignments: list[tuple[int, list[int]]]) -> None:
    check_assignment([(1, [1]), (0, [1])], -1, -1, {1})
    with pytest.raises(KafkaError) as caught:
        check_assignment(assignments, -1, -1, {1})
    assert caught.value.code == ErrorCode.INVALID_REPLICA_ASSIGNMENT


@pytest.mark.parametrize(("partitions", "replicas"), [(1, -1), (-1, 1), (1, 1)])
def test_an_assignment_forbids_counts(partitions: int, replicas: int) -> None:
    with pytest.raises(KafkaError) as caught:
        check_assignment([(0, [1])], partitions, replicas, {1})
    assert caught.value.code == ErrorCode.INVALID_REQUEST
