"""DescribeLogDirs (key 35), versions 1-5: the data directories, and what each partition takes in them (KIP-113).

- null is all partitions; those unknown, and topics without any, are left out
- a partition that moves is in two directories, in one as a future copy that lags behind
- the disk's space since version 4 (KIP-827); whether new partitions are kept out since version 5 (KIP-1066)
"""

from collections.abc import Iterator

from kbroker.broker.background import PacedBackground
from kbroker.broker.context import RequestContext
from kbroker.protocol.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.acls import AclOperation
from kbroker.storage.interfaces.logs import KnownPartition


async def handle(request: DescribeLogDirsRequest, ctx: RequestContext) -> DescribeLogDirsResponse:
    """Describe all directories. One that is offline is answered with its error."""
    if not ctx.authorize_cluster(AclOperation.DESCRIBE):
        return DescribeLogDirsResponse(error_code=ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    results = {
        directory.path: DescribeLogDirsResult(
            log_dir=directory.path,
            total_bytes=directory.total_bytes,
            usable_bytes=directory.usable_bytes,
            is_cordoned=directory.cordoned,
        )
        if directory.online
        else DescribeLogDirsResult(ErrorCode.KAFKA_STORAGE_ERROR, directory.path)
        for directory in await ctx.broker.log_dirs()
    }
    topics: dict[tuple[str, str], DescribeLogDirsTopic] = {}
    others = PacedBackground()  # there may be many thousand directories to look at
    for known in ctx.broker.known_partitions() if request.topics is None else _named(request, ctx):
        for replica in await ctx.broker.replicas(known):
            topic = topics.get((replica.log_dir, known.topic))
            if topic is None:
                topic = topics[replica.log_dir, known.topic] = DescribeLogDirsTopic(known.topic, [])
                results[replica.log_dir].topics.append(topic)
            topic.partitions.append(
                DescribeLogDirsPartition(
                    known.index, replica.size_bytes, replica.offset_lag, replica.is_future
                )
            )
        await others.pause()
    return DescribeLogDirsResponse(results=list(results.values()))


def _named(request: DescribeLogDirsRequest, ctx: RequestContext) -> Iterator[KnownPartition]:
    """The partitions that are asked for and exist, each once."""
    named: dict[str, dict[int, None]] = {}
    for asked in request.topics or ():
        named.setdefault(asked.topic, {}).update(dict.fromkeys(asked.partitions))
    for name, indexes in named.items():
        topic = ctx.broker.topics.get(name)
        if topic is not None:
            for index in indexes:
                if 0 <= index < topic.partitions:
                    yield KnownPartition(name, topic.topic_id, index, topic.config)
