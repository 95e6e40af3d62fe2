"""WriteTxnMarkers (key 27), versions 1-2: end transactions in the partitions named, whatever their coordinator thinks.

An admin client sends it to abort a transaction that hangs (KIP-664): with the coordinator epoch that DescribeProducers
told. Markers of one producer id are answered together. A producer id or epoch below 0 fails the request as a whole.
"""

from kbroker.broker.context import RequestContext
from kbroker.broker.transactions import Marker
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.write_txn_markers import (
    WritableTxnMarkerPartitionResult,
    WritableTxnMarkerResult,
    WritableTxnMarkerTopicResult,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kbroker.state.acls import AclOperation
from kbroker.state.offsets import TopicPartition


async def handle(request: WriteTxnMarkersRequest, ctx: RequestContext) -> WriteTxnMarkersResponse:
    """Write each marker to each of its partitions."""
    answers: dict[int, dict[TopicPartition, ErrorCode]] = {}
    allowed = any(map(ctx.authorize_cluster, (AclOperation.ALTER, AclOperation.CLUSTER_ACTION)))
    cannot_be = any(wanted.producer_id < 0 or wanted.producer_epoch < 0 for wanted in request.markers)
    for wanted in request.markers:
        marker = Marker(
            wanted.producer_id,
            wanted.producer_epoch,
            wanted.transaction_result,
            wanted.coordinator_epoch,
            wanted.transaction_version,
        )
        answered = answers.setdefault(wanted.producer_id, {})
        for topic in wanted.topics:
            for index in topic.partition_indexes:
                if not allowed:
                    code = ErrorCode.CLUSTER_AUTHORIZATION_FAILED
                elif cannot_be:
                    code = ErrorCode.UNKNOWN_SERVER_ERROR
                else:
                    code = await _write(topic.name, index, marker, ctx)
                answered[topic.name, index] = code
    return WriteTxnMarkersResponse(
        [WritableTxnMarkerResult(producer_id, _topics(answered)) for producer_id, answered in answers.items()]
    )


async def _write(topic: str, index: int, marker: Marker, ctx: RequestContext) -> ErrorCode:
    try:
        await ctx.broker.write_marker(topic, index, marker)
    except KafkaError as error:
        return error.code
    return ErrorCode.NONE


def _topics(answered: dict[TopicPartition, ErrorCode]) -> list[WritableTxnMarkerTopicResult]:
    topics: dict[str, WritableTxnMarkerTopicResult] = {}
    for (name, index), code in answered.items():
        topic = topics.setdefault(name, WritableTxnMarkerTopicResult(name))
        topic.partitions.append(WritableTxnMarkerPartitionResult(index, code))
    return list(topics.values())
