"""AlterReplicaLogDirs (key 34), versions 1-2: move partitions to another directory (KIP-113).

There is one directory, so that a partition can only be moved to where it is:

- any other is LOG_DIR_NOT_FOUND, whether or not there is such a partition
- INVALID_TOPIC_EXCEPTION for names too long for the directory that a move would need
- of a partition named twice the last directory counts
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.alter_replica_log_dirs import (
    AlterReplicaLogDirPartitionResult,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopicResult,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

LONGEST_FILE_NAME = 255
FUTURE_SUFFIX = len(".-future") + 32  # what Apache Kafka adds to the name of a copy in the making


async def handle(request: AlterReplicaLogDirsRequest, ctx: RequestContext) -> AlterReplicaLogDirsResponse:
    """Answer each partition once."""
    paths: dict[str, dict[int, str]] = {}
    for directory in request.dirs:
        for topic in directory.topics:
            for index in topic.partitions:
                paths.setdefault(topic.name, {})[index] = directory.path
    return AlterReplicaLogDirsResponse(
        results=[
            AlterReplicaLogDirTopicResult(
                name,
                [
                    AlterReplicaLogDirPartitionResult(index, await _move(name, index, path, ctx))
                    for index, path in of_topic.items()
                ],
            )
            for name, of_topic in paths.items()
        ]
    )


async def _move(name: str, index: int, path: str, ctx: RequestContext) -> ErrorCode:
    if len(f"{name}-{index}") + FUTURE_SUFFIX > LONGEST_FILE_NAME:
        return ErrorCode.INVALID_TOPIC_EXCEPTION
    try:
        here = (await ctx.broker.log_dir()).path
    except KafkaError as error:
        return error.code
    if path != here:
        return ErrorCode.LOG_DIR_NOT_FOUND
    topic = ctx.broker.topics.get(name)
    if topic is None or not 0 <= index < topic.partitions:
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return ErrorCode.NONE
