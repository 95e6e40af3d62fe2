"""One client connection: frames in, requests handled in order, answers out in order.

Requests of one connection are handled one after the other, as Apache Kafka does, so a parked Fetch or JoinGroup
holds only its own connection. Answers are gathered while whole requests are at hand and leave in one send.
"""

from __future__ import annotations

import logging
from math import inf
from typing import TYPE_CHECKING

import trio

from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError
from kbroker.protocol.frame_buffer import FrameBuffer
from kbroker.storage.interfaces.file_region import FileRegion, UnreadableFileError
from kbroker.transport import JOIN_BELOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kbroker.broker.context import Connection
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
STUCK_S = 30.0  # a client that takes no byte of its answers for this long is cut off


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
        max_frame: int,
        outbox: Outbox | None = None,
    ) -> None:
        """With an `outbox` small answers leave through it; the transport must be one that can be interrupted."""
        self.identity = identity
        self.last_active = trio.current_time()
        self.receiving = False  # waiting for the client's next request, nothing unanswered
        self.sending = False
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
            self._tell_sent()

    def cancel(self) -> None:
        """End the connection at once."""
        self._scope.cancel()

    def is_authenticated(self, max_frame: int) -> None:
        """The client has proven who it is, and may send larger requests now."""
        self.must_authenticate_by = inf
        self._buffer.max_frame = max_frame

    def trim(self) -> None:
        """Give back memory while nothing is being received."""
        if self.receiving:
            self._buffer.trim()

    async def _serve(self) -> None:
        principal = await self._transport.handshake()
        if principal is not None and not self.identity.security_protocol.uses_sasl:
            self.identity.principal = principal
        while True:
            self.receiving = True
            if not await self._transport.receive(self._buffer):
                return
            self.receiving = False
            self.last_active = trio.current_time()
            try:
                await self._answer_whole_frames()
            except BaseException as error:
                if isinstance(error, RequestRefusedError):
                    self._pending.extend(error.answer)
                await (
                    self.flush()
                )  # what was answered before a request that ends the connection is the client's
                raise
            if self._outbox is None or self._stuck or self._pending_size >= JOIN_BELOW:
                await self.flush()
            elif self._pending:
                self._outbox.add(self, self.last_active)

    async def _answer_whole_frames(self) -> None:
        yielded = self.last_active
        frame = self._buffer.next_frame()
        while frame is not None:
            if len(frame) > LARGE_FRAME and self._outbox is not None:
                self._outbox.send()  # others needn't wait for what this one takes
            answer = await self._handle(frame, self.identity, self.flush)
            if answer is not None:
                self._pending.extend(answer)
                self._pending_size += sum(map(len, answer))
            if self.identity.muted_until:
                await self._stay_muted()
            if self._pending_size > FLUSH_BYTES:
                await self.flush()
            frame = self._buffer.next_frame()
            if frame is not None and (now := trio.current_time()) - yielded > MAX_UNINTERRUPTED_S:
                await trio.lowlevel.checkpoint()
                yielded = now

    async def _stay_muted(self) -> None:
        """Let a client wait that used more than its quota; what it asked until now is answered (KIP-219)."""
        await self.flush()
        await trio.sleep_until(self.identity.muted_until)
        self.identity.muted_until = 0.0

    async def flush(self) -> None:
        """Send the answers gathered so far."""
        self._stuck = False
        if not self._pending:
            return
        chunks, self._pending, self._pending_size = self._pending, [], 0
        if left := self._transport.send_at_once(chunks):
            await self._send(left)
        self.last_active = trio.current_time()
        if self.identity.when_sent:
            self._tell_sent()

    def send_gathered(self, now: float) -> None:
        """Send what the client takes at once; its own task must do the rest, and hear of errors."""
        if not self._pending:
            return
        try:
            left = self._transport.send_at_once(self._pending)
        except OSError:
            left = self._pending
        self._pending = [*left]
        self._pending_size = sum(map(len, left))
        if left:
            self._stuck = True
            self._transport.interrupt()
            return
        self.last_active = now
        if self.identity.when_sent:
            self._tell_sent()

    async def _send(self, chunks: Sequence[Buffer | FileRegion]) -> None:
        """Send what the client may not be ready to take, within the limits on slow ones."""
        held = 0

        def stuck(left: int) -> None:
            nonlocal held
            if left < held:
                self._memory.release(held - left)
            else:
                self._memory.hold(left - held)
            held = left
            deadline.deadline = trio.current_time() + STUCK_S

        deadline = trio.CancelScope()
        self.sending = True
        try:
            with deadline:
                await self._transport.send(chunks, stuck)
        finally:
            self.sending = False
            if held:
                self._memory.release(held)
        if deadline.cancelled_caught:
            raise RequestRefusedError("slow reader", f"took no answer for {STUCK_S:.0f} s")

    def _tell_sent(self) -> None:
        told, self.identity.when_sent = self.identity.when_sent, []
        for call in told:
            call()
