"""kbroker/broker/transactions/admission.py: what a batch has to prove."""

import pytest

from kbroker.broker.partition import Partition
from kbroker.broker.transactions.admission import TransactionalBatch, admit
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.records import BatchHeader, Record, encode_batch, parse_header
from kbroker.state.topics import Topic

from .conftest import TIMEOUT_MS, Scene

TV1, ABORTABLE, TV2 = 10, 11, 12


def header(producer: tuple[int, int], sequence: int = 0) -> BatchHeader:
    return parse_header(
        encode_batch(
            [Record()],
            producer_id=producer[0],
            producer_epoch=producer[1],
            base_sequence=sequence,
            transactional=True,
        )
    )


async def ask(
    scene: Scene, version: int, *batches: tuple[int, BatchHeader], name: str = "tx"
) -> dict[int, ErrorCode]:
    """The error of each partition of `t` that is not admitted."""
    topic = scene.broker.topics.get("t")
    refused = await admit(
        [TransactionalBatch(topic, index, each) for index, each in batches],
        name,
        version,
        scene.broker.transactions,
        scene.broker.partition,
    )
    return {index: error.code for (_, index), error in refused.items()}


@pytest.fixture
async def producer(scene: Scene) -> tuple[int, int]:
    given = await scene.broker.transactions.init_producer_id("tx", TIMEOUT_MS, None)
    return given.producer_id, given.epoch


@pytest.mark.parametrize(
    ("version", "code"), [(TV1, ErrorCode.INVALID_TXN_STATE), (ABORTABLE, ErrorCode.TRANSACTION_ABORTABLE)]
)
async def test_old_clients_must_have_added_the_partition(
    scene: Scene, producer: tuple[int, int], version: int, code: ErrorCode
) -> None:
    await scene.broker.transactions.add_partitions("tx", *producer, [("t", 1)])
    asked = [(0, header(producer)), (1, header(producer))]
    assert await ask(scene, version, *asked) == {0: code}


async def test_new_clients_add_it_with_the_batch(scene: Scene, producer: tuple[int, int]) -> None:
    assert await ask(scene, TV2, (0, header(producer)), (2, header(producer))) == {}
    transaction = scene.broker.transactions.get("tx")
    assert transaction is not None
    assert (transaction.partitions, transaction.client_version) == ({("t", 0), ("t", 2)}, 2)


async def test_where_the_transaction_is_open_nobody_is_asked(scene: Scene, producer: tuple[int, int]) -> None:
    await scene.write(producer, 0)
    assert await ask(scene, TV1, (0, header(producer, 1)), name="whoever") == {}


@pytest.mark.parametrize("version", [TV1, TV2])
async def test_a_producer_that_was_shut_out(scene: Scene, producer: tuple[int, int], version: int) -> None:
    await scene.broker.transactions.init_producer_id("tx", TIMEOUT_MS, None)
    assert await ask(scene, version, (0, header(producer))) == {0: ErrorCode.INVALID_PRODUCER_EPOCH}
    other = producer[0] + 1, 0
    assert await ask(scene, version, (0, header(other))) == {0: ErrorCode.INVALID_PRODUCER_ID_MAPPING}


async def test_a_transaction_that_is_being_ended(
    scene: Scene, producer: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old clients would give up, so that they are told something that they try again."""

    async def refuse(*_: object) -> None:
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)

    transactions = scene.broker.transactions
    await transactions.add_partitions("tx", *producer, [("t", 1)])
    monkeypatch.setattr(transactions, "_write_marker", refuse)
    await transactions.end("tx", *producer, commit=True)
    assert await ask(scene, TV1, (0, header(producer))) == {0: ErrorCode.NOT_ENOUGH_REPLICAS}
    assert await ask(scene, TV2, (0, header(producer))) == {0: ErrorCode.CONCURRENT_TRANSACTIONS}


async def test_one_producer_a_request(scene: Scene, producer: tuple[int, int]) -> None:
    with pytest.raises(KafkaError) as caught:
        await ask(scene, TV2, (0, header(producer)), (1, header((999, 0))))
    assert caught.value.code is ErrorCode.INVALID_PRODUCER_ID_MAPPING


async def test_what_has_no_place_is_left_to_others(scene: Scene) -> None:
    nobody = parse_header(encode_batch([Record()], transactional=True))
    assert await ask(scene, TV2, (9, header((1, 0))), (0, nobody)) == {}


async def test_a_transaction_that_ends_while_another_log_is_opened_is_not_written_to_any_more(
    scene: Scene, producer: tuple[int, int]
) -> None:
    """Clients of version 1 go on in the same epoch: the log alone could not tell."""
    transactions, topic = scene.broker.transactions, scene.broker.topics.get("t")
    await transactions.add_partitions("tx", *producer, [("t", 0), ("t", 1)])
    await scene.write(producer, 0)

    async def open_slowly(of: Topic, index: int) -> Partition:
        if index == 1:
            await transactions.end("tx", *producer, commit=True)
        return await scene.broker.partition(of, index)

    batches = [TransactionalBatch(topic, index, header(producer, 1 - index)) for index in (0, 1)]
    refused = await admit(batches, "tx", TV1, transactions, open_slowly)
    assert set(refused) == {("t", 0), ("t", 1)}
