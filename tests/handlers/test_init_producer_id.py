"""InitProducerId: fresh ids, also after a restart."""

from pathlib import Path

import pytest

from kbroker.broker.broker import Broker
from kbroker.embedded import open_broker
from kbroker.handlers import init_producer_id
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.init_producer_id import InitProducerIdRequest

from .conftest import FixedClock, MakeContext, config_of, context, refuse_writes


async def test_every_producer_gets_another_id_and_epoch_0(at: MakeContext) -> None:
    answers = [
        await init_producer_id.handle(InitProducerIdRequest(None, 60_000), at(version))
        for version in range(6)
    ]
    assert len({answer.producer_id for answer in answers}) == 6
    assert {(answer.error_code, answer.producer_epoch) for answer in answers} == {(0, 0)}


async def test_ids_are_not_given_again_after_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    given = set()
    for _ in range(3):
        async with open_broker(config_of(), tmp_path, clock) as broker:
            answer = await init_producer_id.handle(InitProducerIdRequest(None), context(broker, 4))
            given.add(answer.producer_id)
    assert len(given) == 3


async def test_what_the_producer_had_before_does_not_matter(broker: Broker, at: MakeContext) -> None:
    request = InitProducerIdRequest(None, 60_000, producer_id=99, producer_epoch=7)
    answer = await init_producer_id.handle(request, at(4))
    assert (answer.producer_epoch, answer.error_code) == (0, 0)
    assert answer.producer_id != 99


@pytest.mark.parametrize(("producer_id", "epoch"), [(5, -1), (-1, 0)])
async def test_an_id_and_an_epoch_come_together(at: MakeContext, producer_id: int, epoch: int) -> None:
    request = InitProducerIdRequest(None, 60_000, producer_id=producer_id, producer_epoch=epoch)
    answer = await init_producer_id.handle(request, at(3))
    assert (answer.error_code, answer.producer_id, answer.producer_epoch) == (
        ErrorCode.INVALID_REQUEST,
        -1,
        -1,
    )


async def test_a_transactional_id_keeps_its_producer_id_and_raises_the_epoch(at: MakeContext) -> None:
    empty = await init_producer_id.handle(InitProducerIdRequest(""), at(4))
    assert empty.error_code == ErrorCode.INVALID_REQUEST
    answers = [await init_producer_id.handle(InitProducerIdRequest("tx", 1000), at(4)) for _ in range(3)]
    assert {answer.producer_id for answer in answers} == {answers[0].producer_id}
    assert [answer.producer_epoch for answer in answers] == [0, 1, 2]


async def test_it_does_so_after_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    answers = []
    for _ in range(2):
        async with open_broker(config_of(), tmp_path, clock) as broker:
            request = InitProducerIdRequest("tx", 1000)
            answers.append(await init_producer_id.handle(request, context(broker, 4)))
    assert [answer.producer_epoch for answer in answers] == [0, 1]
    assert answers[0].producer_id == answers[1].producer_id


@pytest.mark.parametrize(
    ("version", "code"), [(3, ErrorCode.INVALID_PRODUCER_EPOCH), (4, ErrorCode.PRODUCER_FENCED)]
)
async def test_a_producer_that_was_shut_out(at: MakeContext, version: int, code: ErrorCode) -> None:
    first = await init_producer_id.handle(InitProducerIdRequest("tx", 1000), at(4))
    await init_producer_id.handle(InitProducerIdRequest("tx", 1000), at(4))
    late = InitProducerIdRequest("tx", 1000, first.producer_id, first.producer_epoch)
    answer = await init_producer_id.handle(late, at(version))
    assert (answer.error_code, answer.producer_id, answer.producer_epoch) == (code, -1, -1)


async def test_ids_that_cannot_be_reserved_are_not_given(broker: Broker, at: MakeContext) -> None:
    refuse_writes(broker)
    answer = await init_producer_id.handle(InitProducerIdRequest(None), at(4))
    assert (answer.error_code, answer.producer_id) == (ErrorCode.KAFKA_STORAGE_ERROR, -1)


async def test_a_name_that_no_record_has_room_for_is_refused_and_not_stored(
    broker: Broker, at: MakeContext
) -> None:
    """Each byte that is no UTF-8 becomes three: so long a name fits into a request, and nowhere else."""
    name = "\N{REPLACEMENT CHARACTER}" * 12_000
    answer = await init_producer_id.handle(InitProducerIdRequest(name, 60_000), at(4))
    assert answer.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
    assert not await broker._stores.transactions.load()
