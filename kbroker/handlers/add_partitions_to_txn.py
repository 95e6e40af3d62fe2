"""AddPartitionsToTxn (key 24), versions 0-5: the partitions that a transaction is going to write to (KIP-98).

- one partition that is unknown or internal keeps all from being added: the others are OPERATION_NOT_ATTEMPTED
- v4+ carries several transactions, as brokers send them, who need CLUSTER_ACTION alone
- `verify_only` asks and adds nothing (KIP-890)
- clients before v2 know INVALID_PRODUCER_EPOCH only, not PRODUCER_FENCED
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.offsets import TopicPartition
from kbroker.state.topics import INTERNAL_TOPICS

FENCED_SINCE = 2
MANY_TRANSACTIONS_SINCE = 4
EPOCH_BUMP_SINCE = 5


async def handle(request: AddPartitionsToTxnRequest, ctx: RequestContext) -> AddPartitionsToTxnResponse:
    """Answer each transaction on its own."""
    if ctx.api_version >= MANY_TRANSACTIONS_SINCE and not ctx.authorize_cluster(AclOperation.CLUSTER_ACTION):
        return AddPartitionsToTxnResponse(error_code=ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    if ctx.api_version < MANY_TRANSACTIONS_SINCE:
        transaction = AddPartitionsToTxnTransaction(
            request.v3_and_below_transactional_id,
            request.v3_and_below_producer_id,
            request.v3_and_below_producer_epoch,
            topics=request.v3_and_below_topics,
        )
        return AddPartitionsToTxnResponse(results_by_topic_v3_and_below=await _transaction(transaction, ctx))
    return AddPartitionsToTxnResponse(
        results_by_transaction=[
            AddPartitionsToTxnResult(transaction.transactional_id, await _transaction(transaction, ctx))
            for transaction in request.transactions
        ]
    )


async def _transaction(
    transaction: AddPartitionsToTxnTransaction, ctx: RequestContext
) -> list[AddPartitionsToTxnTopicResult]:
    partitions = [(topic.name, index) for topic in transaction.topics for index in topic.partitions]
    if ctx.api_version < MANY_TRANSACTIONS_SINCE and not ctx.authorize(
        AclOperation.WRITE, AclResourceType.TRANSACTIONAL_ID, transaction.transactional_id
    ):
        refused = dict.fromkeys(partitions, ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    else:
        refused = _refused(partitions, ctx)
    if refused:
        topics: dict[str, AddPartitionsToTxnTopicResult] = {}
        for name, index in dict.fromkeys(partitions):
            code = refused.get((name, index), ErrorCode.OPERATION_NOT_ATTEMPTED)
            topic = topics.setdefault(name, AddPartitionsToTxnTopicResult(name))
            topic.results_by_partition.append(AddPartitionsToTxnPartitionResult(index, code))
        return list(topics.values())
    try:
        missing = await _add_or_verify(transaction, partitions, ctx)
        otherwise = ErrorCode.NONE
    except KafkaError as error:
        missing = frozenset()
        fenced = error.code is ErrorCode.PRODUCER_FENCED and ctx.api_version < FENCED_SINCE
        otherwise = ErrorCode.INVALID_PRODUCER_EPOCH if fenced else error.code
    return [
        AddPartitionsToTxnTopicResult(
            topic.name,
            [
                AddPartitionsToTxnPartitionResult(
                    index, ErrorCode.TRANSACTION_ABORTABLE if (topic.name, index) in missing else otherwise
                )
                for index in topic.partitions
            ],
        )
        for topic in transaction.topics
    ]


def _refused(partitions: list[TopicPartition], ctx: RequestContext) -> dict[TopicPartition, ErrorCode]:
    refused = {}
    for name, index in partitions:
        topic = ctx.broker.topics.get(name)
        if ctx.api_version < MANY_TRANSACTIONS_SINCE and (
            name in INTERNAL_TOPICS or not ctx.authorize(AclOperation.WRITE, AclResourceType.TOPIC, name)
        ):
            refused[name, index] = ErrorCode.TOPIC_AUTHORIZATION_FAILED
        elif topic is None or not 0 <= index < topic.partitions:
            refused[name, index] = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return refused


async def _add_or_verify(
    transaction: AddPartitionsToTxnTransaction, partitions: list[TopicPartition], ctx: RequestContext
) -> frozenset[TopicPartition]:
    """Returns those that are not in the transaction, where it was only asked."""
    transactions = ctx.broker.transactions
    producer = transaction.transactional_id, transaction.producer_id, transaction.producer_epoch
    if transaction.verify_only:
        return frozenset(transactions.missing_partitions(*producer, partitions))
    version = 2 if ctx.api_version >= EPOCH_BUMP_SINCE else 0
    await transactions.add_partitions(*producer, partitions, client_version=version)
    return frozenset()
