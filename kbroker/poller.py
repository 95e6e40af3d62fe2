"""Which clients have sent something: one epoll set for all plaintext connections, edge-triggered.

trio registers a socket anew for each wait. Here it is registered once, and a wait is one reschedule: a request is
cheaper by an `epoll_ctl` and half of what trio does around it. trio watches the set as a whole, so that it wakes up;
right after that, and before any task has its turn, the set is asked who it was.

Of a large request's rest the kernel tells by the piece (SO_RCVLOWAT) and not by the packet, of which there are dozens.
"""

from __future__ import annotations

import select
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

import trio

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS_AT_ONCE: Final = 1024
WORTH_EXPECTING: Final = 64 * 1024  # bytes; to be told once of fewer costs as much as it saves
PIECE: Final = 256 * 1024  # bytes; more would keep the client from sending while these are copied
_ENDING: Final = (
    getattr(select, "EPOLLRDHUP", 0) | getattr(select, "EPOLLHUP", 0) | getattr(select, "EPOLLERR", 0)
)
_BROKEN: Final = getattr(select, "EPOLLHUP", 0) | getattr(select, "EPOLLERR", 0)
_RECEIVED: Final = (
    getattr(select, "EPOLLIN", 0) | getattr(select, "EPOLLRDHUP", 0) | getattr(select, "EPOLLET", 0)
)


class Poller(trio.abc.Instrument):
    """Wakes the tasks of connections whose sockets became readable, within `polling`. Linux only: see `is_there`."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._sources: dict[int, PolledSource] = {}

    @staticmethod
    def is_there() -> bool:
        """Whether this system has what it takes."""
        return hasattr(select, "epoll")

    def watch(self, sock: socket.socket) -> PolledSource:
        """Begin to watch a socket. Raises OSError."""
        descriptor = sock.fileno()
        source = PolledSource(self, sock)
        self._epoll.register(descriptor, _RECEIVED)
        self._sources[descriptor] = source
        return source

    def forget(self, descriptor: int) -> None:
        """End watching a socket; call it before it is closed."""
        if self._sources.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    async def run(self) -> None:
        """Have trio wake up when a client has sent something, until cancelled."""
        while True:
            await trio.lowlevel.wait_readable(self._epoll)
            await trio.lowlevel.cancel_shielded_checkpoint()  # whom the instrument woke goes first
            self._wake()  # nobody is left to, unless trio has put away the instrument for an error

    def after_io_wait(self, timeout: float) -> None:  # noqa: ARG002  trio's to say
        """See `trio.abc.Instrument`."""
        self._wake()

    def _wake(self) -> None:
        for descriptor, events in self._epoll.poll(0, EVENTS_AT_ONCE):
            source = self._sources.get(descriptor)
            if source is not None:
                source.broken = source.broken or bool(events & _BROKEN)
                source.ending = source.ending or bool(events & _ENDING)
                source.wake()

    def close(self) -> None:
        """Give the set back, once nothing is watched any more."""
        self._epoll.close()


class PolledSource:
    """One watched socket. Only one task waits for it at a time."""

    __slots__ = ("_descriptor", "_expected", "_poller", "_socket", "_task", "_woken", "broken", "ending")

    def __init__(self, poller: Poller, sock: socket.socket) -> None:
        self._poller = poller
        self._socket = sock
        self._descriptor = sock.fileno()
        self._expected = 1
        self._task: trio.lowlevel.Task | None = None
        self._woken = False
        self.broken = False  # reset, or ended by both sides
        self.ending = False  # no edge follows any more: it must be read until its end

    async def wait(self, missing: int = 0) -> None:
        """Return when there may be something to receive, or `wake` was called since the last wait. A checkpoint.

        Of bytes that are known to be `missing` a few needn't end it. Raises OSError.
        """
        if self._woken or self.ending:
            self._woken = False
            await trio.lowlevel.checkpoint()
            return
        expected = min(missing, PIECE) if missing >= WORTH_EXPECTING else 1
        if expected != self._expected:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, expected)
            self._expected = expected
        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._give_up)

    def wake(self) -> None:
        """End the wait at hand, or else the next one at once."""
        task = self._task
        if task is None:
            self._woken = True
        else:
            self._task = None
            trio.lowlevel.reschedule(task)

    def close(self) -> None:
        """Watch it no more; who waits goes on. Call it before the socket is closed."""
        self._poller.forget(self._descriptor)
        self.wake()

    def _give_up(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED


@contextmanager
def polling() -> Iterator[Poller | None]:
    """A poller at work for as long as the block runs, in which its `run` must run; None where there can't be one."""
    if not Poller.is_there():
        yield None
        return
    poller = Poller()
    trio.lowlevel.add_instrument(poller)
    try:
        yield poller
    finally:
        with suppress(KeyError):  # trio has put it away
            trio.lowlevel.remove_instrument(poller)
        poller.close()
