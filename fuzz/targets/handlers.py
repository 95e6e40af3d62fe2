"""Conversations of requests that can be read: names that there are, ids that answers told, numbers at their bounds."""

import random
from collections.abc import Iterator
from struct import error as struct_error

from fixtures import outcome
from fixtures.broker_thread import MAY_WAIT, BrokerThread, StuckError, a_client, no_wait
from fixtures.frames import every_version, frame_of, read_answer, versions_of
from fixtures.messages import Known, request_of
from fixtures.source import Source

from kbroker.broker.broker import Broker
from kbroker.dispatch import Dispatcher
from kbroker.errors import RequestRefusedError
from kbroker.handlers import served_apis

_broker = BrokerThread()
_MOST_REQUESTS = 12


def check(data: bytes) -> None:
    """Each request is answered in a form that clients can read, or refused for a reason of ours."""

    asked: list[int] = []

    async def converse(_: Broker, dispatcher: Dispatcher) -> None:
        source, known, client = Source(data), Known(), a_client()
        apis = list(served_apis().values())
        for _ in range(_MOST_REQUESTS):
            api = source.pick(apis)
            version = source.pick(versions_of(api))
            content = Source(source.take(source.byte()))
            try:
                frame = frame_of(api, version, request_of(content, api.request, version, known))
            except (ValueError, struct_error):  # no client can say so in this version
                continue
            asked.append(api.key)
            try:
                answer = await dispatcher.handle(memoryview(frame), client, no_wait)
            except RequestRefusedError as error:
                outcome.note(api.key, "refused", error.cause.split(":")[0])
                return
            if answer is not None:
                response = read_answer(api, version, b"".join(answer))
                known.learn(response)
                outcome.note(api.key, version, getattr(response, "error_code", None))
            if not len(source):
                return

    try:
        _broker.run(converse)
    except StuckError:
        if asked[-1] not in MAY_WAIT:
            raise


def seeds() -> Iterator[bytes]:
    """Each version of each API by itself, and conversations that mean something, in several versions."""
    apis = list(served_apis().values())
    for api, version in every_version():
        if api in apis:
            yield bytes((apis.index(api), version - versions_of(api).start, 0))
    rng = random.Random(1)
    by_name = {api.name: index for index, api in enumerate(apis)}
    for names in (
        "JoinGroup JoinGroup SyncGroup Heartbeat OffsetCommit OffsetFetch LeaveGroup DescribeGroups",
        "JoinGroup JoinGroup SyncGroup JoinGroup SyncGroup OffsetDelete DeleteGroups ListGroups",
        "FindCoordinator InitProducerId AddPartitionsToTxn Produce EndTxn DescribeTransactions Fetch ListOffsets",
        "InitProducerId AddPartitionsToTxn Produce WriteTxnMarkers DescribeProducers ListTransactions",
        "InitProducerId AddOffsetsToTxn TxnOffsetCommit OffsetFetch EndTxn OffsetFetch OffsetDelete",
        "InitProducerId InitProducerId AddPartitionsToTxn EndTxn EndTxn InitProducerId",
        "CreateTopics Metadata DescribeConfigs IncrementalAlterConfigs AlterConfigs CreatePartitions DeleteTopics",
        "CreateDelegationToken DescribeDelegationToken RenewDelegationToken ExpireDelegationToken",
        "Produce Fetch Fetch DeleteRecords OffsetForLeaderEpoch DescribeProducers AlterReplicaLogDirs",
        "CreateAcls DescribeAcls DeleteAcls AlterClientQuotas DescribeClientQuotas Produce",
        "AlterUserScramCredentials DescribeUserScramCredentials UpdateFeatures DescribeTopicPartitions",
    ):
        for version in (0, 2, 3, 4, 5, 9):
            some = [by_name[name] for name in names.split()]
            yield b"".join(bytes((index, version, 0)) for index in some)
            yield b"".join(bytes((index, version, 16)) + rng.randbytes(16) for index in some)


close = _broker.close
