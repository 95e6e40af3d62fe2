"""The outbox sends in the order of asking, once the tasks at hand have had their turn, and holds nothing for long."""

from typing import Any

import trio

from kbroker.outbox import LONGEST_S, Outbox, gathering


class Sender:
    """Stands for a connection."""

    def __init__(self, name: str, sent: list[str]) -> None:
        self.name = name
        self.sent = sent

    def send_gathered(self, now: float) -> None:
        self.sent.append(self.name)


def senders(names: str, sent: list[str]) -> list[Any]:
    return [Sender(name, sent) for name in names]


async def test_answers_leave_when_every_task_has_had_its_turn() -> None:
    sent: list[str] = []
    seen: list[list[str]] = []

    async def answer(outbox: Outbox, sender: Any) -> None:
        outbox.add(sender)
        seen.append(list(sent))

    with gathering() as outbox:
        async with trio.open_nursery() as nursery:
            for sender in senders("abc", sent):
                nursery.start_soon(answer, outbox, sender)
        assert sorted(sent) == ["a", "b", "c"]
        assert seen == [[], [], []]
        outbox.add(senders("d", sent)[0])
        assert "d" not in sent
        await trio.lowlevel.checkpoint()
        assert sent[-1] == "d"


async def test_the_order_of_asking_is_kept() -> None:
    outbox, sent = Outbox(), list[str]()
    for sender in senders("abc", sent):
        outbox.add(sender)
    outbox.send()
    assert sent == ["a", "b", "c"]
    outbox.send()
    assert sent == ["a", "b", "c"]


async def test_nothing_is_held_for_long() -> None:
    """However many tasks have their turn."""
    now, sent = [10.0], list[str]()
    outbox = Outbox(lambda: now[0])
    first, second, third = senders("abc", sent)
    outbox.add(first)
    now[0] += LONGEST_S / 2
    outbox.add(second)
    assert not sent
    now[0] += LONGEST_S
    outbox.add(third)
    assert sent == ["a", "b", "c"]


async def test_nothing_is_sent_outside_of_the_block() -> None:
    sent: list[str] = []
    with gathering() as outbox:
        pass
    outbox.add(senders("a", sent)[0])
    await trio.lowlevel.checkpoint()
    assert not sent
