"""AlterReplicaLogDirs (key 34), versions 1-2: move partitions to another directory (KIP-113).

- a partition is served from where it is until its copy has all of it; then that takes its place
- to where it is already: an unfinished move elsewhere is given up
- LOG_DIR_NOT_FOUND for a directory that is not in log.dirs, whether or not there is such a partition;
  KAFKA_STORAGE_ERROR for one that is offline, INVALID_REPLICA_ASSIGNMENT for one that is cordoned
- a partition that does not exist is UNKNOWN_TOPIC_OR_PARTITION, and will be made in that directory once it is
- INVALID_TOPIC_EXCEPTION for names too long for the directory that a move needs
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
from kbroker.state.acls import AclOperation

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
    if not ctx.authorize_cluster(AclOperation.ALTER):
        return ErrorCode.CLUSTER_AUTHORIZATION_FAILED
    if len(f"{name}-{index}") + FUTURE_SUFFIX > LONGEST_FILE_NAME:
        return ErrorCode.INVALID_TOPIC_EXCEPTION
    try:
        await ctx.broker.move_replica(name, index, path)
    except KafkaError as error:
        return error.code
    return ErrorCode.NONE
