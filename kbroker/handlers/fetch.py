"""Fetch (key 1), versions 4-18: read batches, waiting for them if asked to.

- answers at once when min_bytes are there, something is wrong, nothing is asked for or max_wait_ms is 0
- batches leave as they were stored; the first one found is sent whole even beyond the limits (KIP-74), and a
  partition's last one may be cut off by them, as clients expect: see `broker.fetch_read`
- partitions that don't exist, or may not be read, come last and don't end the wait; other errors do
- sessions (KIP-227): an incremental answer names only partitions with news, and those that gave records go to the
  end of the line, so that every partition gets its turn
- a client over its quota gets an empty answer at once, which neither makes nor changes a session
- v12+ compares the epoch of the last record fetched with the log's history (KIP-320, KIP-595)
"""

import trio

from kbroker.broker.charge import Charge
from kbroker.broker.context import RequestContext
from kbroker.broker.fetch_read import READ_COMMITTED, FetchRead
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.fetch import FetchableTopicResponse, FetchRequest, FetchResponse, PartitionData
from kbroker.protocol.schema import writer
from kbroker.state.fetch_sessions import FetchContext, FetchKey, FetchPartition

READ_UNCOMMITTED = 0
TOPIC_IDS_SINCE = 13
SIZE_PREFIX = 4  # counted by Apache Kafka as bytes out, unlike the header


async def handle(request: FetchRequest, ctx: RequestContext) -> FetchResponse | None:
    """Answer one Fetch request, after at most its max_wait_ms. None if it was answered while it waited."""
    uses_topic_ids = ctx.api_version >= TOPIC_IDS_SINCE
    if request.isolation_level not in (READ_UNCOMMITTED, READ_COMMITTED):
        return _failed(request, uses_topic_ids)
    try:
        fetch = ctx.broker.fetch_sessions.begin(
            request.session_id,
            request.session_epoch,
            _wanted(request, uses_topic_ids),
            _forgotten(request, uses_topic_ids),
            uses_topic_ids=uses_topic_ids,
            now_ms=int(trio.current_time() * 1000),
        )
    except KafkaError as error:
        return FetchResponse(error_code=error.code)
    read = FetchRead(request, ctx, fetch)
    await read.until_answerable()
    if ctx.answered:
        return None
    return read.response() if ctx.charge is None else _paid_response(read, fetch, ctx.charge, ctx)


def _paid_response(
    read: FetchRead, fetch: FetchContext, charge: Charge, ctx: RequestContext
) -> FetchResponse:
    """An empty answer for a client over its quota, which goes on as if it had not asked (KIP-219)."""
    told = fetch.told()
    response = read.response()
    size = SIZE_PREFIX + sum(map(len, writer(FetchResponse, ctx.api_version)(response)))
    if charge.fetched(size):
        return response
    fetch.forget(told)
    if fetch.session is not None and not fetch.incremental:
        ctx.broker.fetch_sessions.end(fetch.session)
        return FetchResponse()
    return FetchResponse(session_id=response.session_id)


def _wanted(request: FetchRequest, uses_topic_ids: bool) -> list[FetchPartition]:
    return [
        FetchPartition(
            topic.topic_id if uses_topic_ids else topic.topic,
            partition.partition,
            partition.fetch_offset,
            partition.partition_max_bytes,
            partition.current_leader_epoch,
            partition.last_fetched_epoch,
        )
        for topic in request.topics
        for partition in topic.partitions
    ]


def _forgotten(request: FetchRequest, uses_topic_ids: bool) -> list[FetchKey]:
    return [
        (topic.topic_id if uses_topic_ids else topic.topic, index)
        for topic in request.forgotten_topics_data
        for index in topic.partitions
    ]


def _failed(request: FetchRequest, uses_topic_ids: bool) -> FetchResponse:
    """Apache Kafka's answer to what it did not foresee: v13+ names no partition."""
    code = ErrorCode.UNKNOWN_SERVER_ERROR
    responses = [
        FetchableTopicResponse(
            topic.topic,
            partitions=[
                PartitionData(asked.partition, code, high_watermark=-1, records=b"")
                for asked in topic.partitions
            ],
        )
        for topic in request.topics
    ]
    return FetchResponse(error_code=code, responses=[] if uses_topic_ids else responses)
