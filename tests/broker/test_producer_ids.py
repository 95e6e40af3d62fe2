"""Producer ids come from blocks, and none comes twice."""

import trio

from kbroker.broker.producer_ids import BLOCK_SIZE, ProducerIds


class Blocks:
    """A store that waits, as one across a network does."""

    def __init__(self) -> None:
        self.first = 0
        self.asked = 0

    async def allocate_producer_ids(self, count: int) -> int:
        self.asked += 1
        first, self.first = self.first, self.first + count
        await trio.sleep(0.01)
        return first


async def test_a_block_serves_many() -> None:
    blocks = Blocks()
    ids = ProducerIds(blocks)  # type: ignore[arg-type]
    given = [await ids.next() for _ in range(BLOCK_SIZE + 1)]
    assert len(set(given)) == len(given)
    assert blocks.asked == 2


async def test_no_id_is_given_twice_to_those_who_ask_at_once(autojump_clock: trio.testing.MockClock) -> None:
    ids = ProducerIds(Blocks())  # type: ignore[arg-type]
    given = []

    async def ask() -> None:
        given.append(await ids.next())

    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(ask)
    assert len(set(given)) == 50
