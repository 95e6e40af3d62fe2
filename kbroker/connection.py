"""One client connection: frames in, requests handled in order, answers out in order.

Requests of one connection are handled one after the other, as Apache Kafka does, so a parked Fetch or JoinGroup
holds only its own connection. Answers are gathered while whole requests are at hand and leave in one send.
"""

from __future__ import annotations

import logging
from math import inf
from typing import TYPE_CHECKING

import trio

from kbroker.broker.request_memory import UNCOUNTED
from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.frame_buffer import FrameBuffer
from kbroker.storage.interfaces.file_region import FileRegion, UnreadableFileError
from kbroker.transport import JOIN_BELOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kbroker.broker.context import Connection
    from kbroker.broker.request_memory import RequestMemory
    from kbroker.broker.response_memory import ResponseMemory
    from kbroker.dispatch import Dispatcher
    from kbroker.limited_log import LimitedLog
    from kbroker.outbox import Outbox
    from kbroker.protocol.schema import Buffer
    from kbroker.sasl_gate import SaslGate
    from kbroker.transport import Transport

log = logging.getLogger(__name__)

FLUSH_BYTES = 1 << 20  # answers gathered beyond this are sent before more requests are handled
MAX_UNINTERRUPTED_S = 0.001  # a client that keeps its pipeline full lets others run this often
LARGE_FRAME = 64 * 1024  # a request that takes a tenth of a millisecond or much more
TOO_SLOW = "it reads too slowly, and others need the memory that its answers hold (queued.max.response.bytes)"
STUCK_S = 30.0  # a client that makes no room for more of its answers for this long is cut off


class ClientConnection:
    """Serves one client until it leaves, misbehaves, idles too long or the server stops."""

    def __init__(
        self,
        transport: Transport,
        identity: Connection,
        dispatcher: Dispatcher | SaslGate,
        memory: ResponseMemory,
        limited_log: LimitedLog,
        *,
        request_memory: RequestMemory,
        max_frame: int,
        outbox: Outbox | None = None,
    ) -> None:
        """With an `outbox` small answers leave through it; the transport must be one that can be interrupted."""
        self.identity = identity
        self._now = trio.lowlevel.current_clock().current_time  # with fewer steps than trio.current_time
        self.last_active = self._now()
        self.receiving = False  # waiting for the client's next request, nothing unanswered
        self.sending = False  # some of an answer may have left, and the rest has not
        self._request_memory = request_memory
        self._waits_for_memory = False
        self._answered = False  # a request, since its buffer was counted last
        self._request_began = self.last_active  # the one being received; later by what it waited for memory
        self._transport = transport
        self.must_authenticate_by = inf  # trio's time; a client that hasn't by then is cut off
        self._handle = dispatcher.handle
        self._memory = memory
        self._limited_log = limited_log
        self._buffer = FrameBuffer(max_frame)
        self._pending: list[Buffer | FileRegion] = []
        self._pending_size = 0
        self._outbox = outbox
        self._stuck = False  # the outbox could not send all: the connection's own task must
        self._scope = trio.CancelScope()
        if outbox is not None:
            identity.send_parked = self.send_parked

    async def serve(self) -> None:
        """Answer requests until the connection ends; never raises but Cancelled."""
        who = self.identity
        try:
            with self._scope:
                await self._serve()
        except ProtocolError as error:
            self._limited_log.warning(
                f"malformed:{who.client_host}", "closed connection from %s: %s", who.client_host, error
            )
        except RequestRefusedError as error:
            self._limited_log.warning(
                f"{error.cause}:{who.client_host}", "closed connection from %s: %s", who.client_host, error
            )
        except UnreadableFileError as error:
            self._limited_log.warning(
                "unreadable file", "closed connection from %s: %s", who.client_host, error
            )
        except OSError as error:
            log.debug("connection %d from %s broke: %s", who.id, who.client_host, error)
        except Exception:  # noqa: BLE001  one client's request must never take the others down with it
            self._limited_log.exception(
                f"bug:{who.client_host}",
                "closed connection from %s: the broker failed to answer",
                who.client_host,
            )
        finally:
            self.send_gathered(self.last_active)
            self._transport.close()
            self.identity.send_parked = None  # else the two would refer to each other, and keep the buffer
            self._request_memory.gone(self.identity.id)
            self._tell_sent()

    def cancel(self) -> None:
        """End the connection at once."""
        self._scope.cancel()

    def client_left(self) -> bool:
        """Whether the client is gone while its last request is parked, which nothing else would show."""
        parked = not self.receiving and not self.sending
        return parked and not self._buffer.held and self._transport.client_left()

    def is_authenticated(self, max_frame: int) -> None:
        """The client has proven who it is, and may send larger requests now."""
        self.must_authenticate_by = inf
        self._buffer.max_frame = max_frame

    def trim(self) -> None:
        """Give back memory while nothing is being received."""
        if self.receiving and not self._buffer.held:
            self._give_back()

    def keeps_others_waiting(self, since: float) -> bool:
        """Whether it has been sending one large request since then or longer, and could have."""
        large = self._buffer.capacity > UNCOUNTED and self._buffer.held > 0
        return large and self.receiving and not self._waits_for_memory and self._request_began <= since

    async def _serve(self) -> None:
        principal = await self._transport.handshake()
        if principal is not None and not self.identity.security_protocol.uses_sasl:
            self.identity.principal = principal
        begins = True  # nothing of the next request is there yet
        while True:
            self.receiving = True
            if self._buffer.is_filled_or_beyond(UNCOUNTED):  # not so for most requests
                await self._adapt_buffer()
            if not await self._transport.receive(self._buffer):
                return
            self.receiving = False
            self.last_active = self._now()
            if begins:
                self._request_began = self.last_active
            try:
                begins = await self._answer_whole_frames()
            except BaseException as error:
                if isinstance(error, RequestRefusedError):
                    self._pending.extend(error.answer)
                await self.flush()  # what came before a request that ends the connection is answered
                raise
            if self._outbox is None or self._stuck or self._pending_size >= JOIN_BELOW:
                await self.flush()
            elif self._pending:
                self._outbox.add(self)

    async def _adapt_buffer(self) -> None:
        """Make room for several requests, or give back what isn't needed while memory is scarce; wait for what is."""
        number, buffer, memory = self.identity.id, self._buffer, self._request_memory
        if self._answered:
            self._answered = False
            if buffer.capacity > UNCOUNTED and memory.hold(number, buffer.capacity):
                self._give_back()
            elif (wider := buffer.wider()) and (wider <= UNCOUNTED or memory.has_spare(wider)):
                buffer.widen(wider)
                memory.hold(number, wider)
        if buffer.grows_beyond(UNCOUNTED):
            began_to_wait = self._now()
            self._waits_for_memory = True
            await memory.grow(number, *buffer.growth())
            self._waits_for_memory = False
            self._request_began += self._now() - began_to_wait

    def _give_back(self) -> None:
        """Give back a buffer that holds nothing, and the right to one beyond the limit."""
        counted = self._buffer.capacity > UNCOUNTED
        self._buffer.trim()
        if counted:
            self._request_memory.hold(self.identity.id, self._buffer.capacity)

    async def _answer_whole_frames(self) -> bool:
        """Answer what is there; whether nothing is left of it."""
        yielded = self.last_active
        frame = self._buffer.next_frame()
        if frame is None:
            return not self._buffer.held
        self._answered = True
        while frame is not None:
            if len(frame) > LARGE_FRAME and self._outbox is not None:
                self._outbox.send()  # others needn't wait for what this one takes
            answer = await self._handle(frame, self.identity, self.flush)
            if answer is not None:
                self._pending.extend(answer)
                self._pending_size += sum(map(len, answer))
            if self.identity.muted_until:
                frame = answer = None  # they needn't be kept meanwhile
                await self._stay_muted()
            if self._pending_size > FLUSH_BYTES:
                await self.flush()
            frame = self._buffer.next_frame()
            if frame is not None and (now := self._now()) - yielded > MAX_UNINTERRUPTED_S:
                await trio.lowlevel.checkpoint()
                yielded = now
        if not self._buffer.held:
            return True
        self._request_began = self._now()
        return False

    async def _stay_muted(self) -> None:
        """Let a client wait that used more than its quota; what it asked until now is answered (KIP-219)."""
        await self.flush()
        self._give_back()
        await trio.sleep_until(self.identity.muted_until)
        self.identity.muted_until = 0.0

    async def flush(self) -> None:
        """Send the answers gathered so far."""
        self._stuck = self.sending = False
        if not self._pending:
            return
        chunks, self._pending, self._pending_size = self._pending, [], 0
        if left := self._transport.send_at_once(chunks):
            await self._send(left)
        self.last_active = self._now()
        if self.identity.when_sent:
            self._tell_sent()

    def send_gathered(self, now: float) -> None:
        """See `outbox.Sender`: what the client doesn't take at once is for its own task, and so is any error."""
        if not self._pending:
            return
        try:
            left = self._transport.send_at_once(self._pending)
        except Exception:  # noqa: BLE001  the task meets it again
            left = self._pending
        self._pending, self._pending_size = [], 0
        if left:
            self._pending, self._pending_size = [*left], sum(map(len, left))
            self._stuck = self.sending = True
            self._transport.interrupt()
            return
        self.last_active = now
        if self.identity.when_sent:
            self._tell_sent()

    def send_parked(self, answer: Sequence[Buffer | FileRegion]) -> None:
        """Send the answer to the request that is parked; what the client doesn't take at once its own task sends."""
        self._pending.extend(answer)
        self.send_gathered(self._now())

    async def _send(self, chunks: Sequence[Buffer | FileRegion]) -> None:
        """Send what the client may not be ready to take, within the limits on slow ones."""

        def stuck(left: int) -> None:
            self._memory.hold(deadline, left)
            deadline.deadline = self._now() + STUCK_S

        deadline = trio.CancelScope()
        self.sending = True
        try:
            with deadline:
                await self._transport.send(chunks, stuck)
        finally:
            self.sending = False
            self._memory.hold(deadline, 0)
        if deadline.cancelled_caught:
            stuck_for_long = self._now() >= deadline.deadline
            reason = f"took no answer for {STUCK_S:.0f} s" if stuck_for_long else TOO_SLOW
            raise RequestRefusedError("slow reader", reason)

    def _tell_sent(self) -> None:
        told, self.identity.when_sent = self.identity.when_sent, []
        for call in told:
            call()
