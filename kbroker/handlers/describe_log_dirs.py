"""DescribeLogDirs (key 35), versions 1-5: the data directory, and what each partition takes in it (KIP-113).

- null is all partitions; those unknown, and topics without any, are left out
- the disk's space since version 4 (KIP-827); no directory is ever cordoned (version 5, KIP-1066)
- partitions never move, so that none is a future copy that lags behind
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
from kbroker.protocol.errors import KafkaError
from kbroker.storage.interfaces import KnownPartition


async def handle(request: DescribeLogDirsRequest, ctx: RequestContext) -> DescribeLogDirsResponse:
    """Describe the one directory. One that fails is answered with its error."""
    try:
        directory = await ctx.broker.log_dir()
        topics = await _sizes(request, ctx)
    except KafkaError as error:
        return DescribeLogDirsResponse(results=[DescribeLogDirsResult(error.code)])
    result = DescribeLogDirsResult(
        log_dir=directory.path,
        topics=topics,
        total_bytes=directory.total_bytes,
        usable_bytes=directory.usable_bytes,
    )
    return DescribeLogDirsResponse(results=[result])


async def _sizes(request: DescribeLogDirsRequest, ctx: RequestContext) -> list[DescribeLogDirsTopic]:
    """Raises KafkaError KAFKA_STORAGE_ERROR."""
    broker = ctx.broker
    topics: dict[str, DescribeLogDirsTopic] = {}
    others = PacedBackground()  # there may be many thousand directories to look at
    for known in broker.known_partitions() if request.topics is None else _named(request, ctx):
        size = await broker.size_bytes(known)
        topic = topics.setdefault(known.topic, DescribeLogDirsTopic(known.topic, []))
        topic.partitions.append(DescribeLogDirsPartition(known.index, size))
        await others.pause()
    return list(topics.values())


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
