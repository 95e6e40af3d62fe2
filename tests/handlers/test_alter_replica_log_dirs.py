"""AlterReplicaLogDirs, as probed on Apache Kafka 4.3.1."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import alter_replica_log_dirs
from kbroker.protocol.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from kbroker.protocol.error_codes import ErrorCode

from .conftest import MakeContext

VERSION = 2
HERE = "(here)"
ELSEWHERE = "/elsewhere"


async def move(
    broker: Broker, at: MakeContext, *moves: tuple[str, str, list[int]]
) -> dict[str, dict[int, int]]:
    """Error code by topic and partition."""
    here = (await broker.log_dirs())[0].path
    dirs = [
        AlterReplicaLogDir(here if path == HERE else path, [AlterReplicaLogDirTopic(name, indexes)])
        for path, name, indexes in moves
    ]
    response = await alter_replica_log_dirs.handle(AlterReplicaLogDirsRequest(dirs), at(VERSION))
    return {
        result.topic_name: {each.partition_index: each.error_code for each in result.partitions}
        for result in response.results
    }


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ((HERE, "t", 0), ErrorCode.NONE),
        ((HERE, "t", 2), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ((HERE, "t", -1), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ((HERE, "nope", 0), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ((ELSEWHERE, "t", 0), ErrorCode.LOG_DIR_NOT_FOUND),
        ((ELSEWHERE, "nope", 0), ErrorCode.LOG_DIR_NOT_FOUND),
        (("", "t", 0), ErrorCode.LOG_DIR_NOT_FOUND),
        ((HERE, "x" * 213, 0), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION),
        ((HERE, "x" * 213, 10), ErrorCode.INVALID_TOPIC_EXCEPTION),
        ((ELSEWHERE, "x" * 214, 0), ErrorCode.INVALID_TOPIC_EXCEPTION),
    ],
)
async def test_a_partition_can_only_move_to_where_it_is(
    broker: Broker, at: MakeContext, asked: tuple[str, str, int], code: ErrorCode
) -> None:
    await broker.topics.create("t", 2, {})
    path, name, index = asked
    assert await move(broker, at, (path, name, [index])) == {name: {index: code}}


async def test_each_partition_is_answered_once_for_the_last_directory(
    broker: Broker, at: MakeContext
) -> None:
    await broker.topics.create("t", 2, {})
    moves = [(HERE, "t", [0, 1, 1]), (ELSEWHERE, "t", [0]), (HERE, "u", [])]
    assert await move(broker, at, *moves) == {"t": {0: ErrorCode.LOG_DIR_NOT_FOUND, 1: ErrorCode.NONE}}
