"""The server: binds listeners, accepts clients within the limits, stops gracefully.

Two nested nurseries: connections live in the inner one; when the server is told to stop, accepting ends, idle and
parked connections are cut, those with an answer half sent get DRAIN_S, and then the broker's own tasks end.
"""

from __future__ import annotations

import errno
import itertools
import logging
import os
import signal
from functools import partial
from typing import TYPE_CHECKING

import trio
from attrs import define, field

from kbroker.broker.connection_limits import ConnectionLimits
from kbroker.broker.context import Connection, Endpoint
from kbroker.broker.heap import Heap
from kbroker.connection import ClientConnection
from kbroker.dispatch import Dispatcher
from kbroker.embedded import open_broker
from kbroker.limited_log import LimitedLog
from kbroker.listening import bind, close, plain_host
from kbroker.outbox import Outbox, gathering
from kbroker.poller import Poller, polling
from kbroker.transport import SocketTransport

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kbroker.broker.broker import Broker
    from kbroker.broker.sasl import SaslMechanisms
    from kbroker.clock import Clock
    from kbroker.config.broker_config import BrokerConfig
    from kbroker.config.listeners import Listener
    from kbroker.listening import BoundListener
    from kbroker.tls.listener import TlsListener
    from kbroker.transport import Transport

log = logging.getLogger(__name__)

DRAIN_S = 0.5
IDLE_SWEEP_S = 1.0
TRIM_AFTER_S = 5.0
CONNECTION_BYTES = 8 * 1024  # what one takes, about, beside large requests and answers
STARVED_S = 5.0  # who has waited for the memory of large requests for so long gets what others …
LARGE_REQUEST_S = 10.0  # … have not finished to send in this time
AUTHENTICATION_S = 30.0  # a client that hasn't proven who it is by then is cut off
SCARCE = (
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOBUFS,
    errno.ENOSPC,
)  # the last of epoll's watches
ACCEPT_RETRY_S = 0.1  # out of file descriptors or memory: accepting goes on once there are some


@define(eq=False)
class Server:
    """Serves one broker on bound listeners."""

    broker: Broker
    bound: Sequence[BoundListener]
    tls: Mapping[str, TlsListener] = field(
        factory=dict
    )  # by the name of the listener, for those that have TLS
    sasl: SaslMechanisms | None = None  # where a listener asks clients who they are
    stopping: trio.Event = field(factory=trio.Event)
    _all_gone: trio.Event = field(factory=trio.Event)  # while stopping: no connection is left
    _connections: dict[int, ClientConnection] = field(factory=dict)
    _limits: ConnectionLimits = field(init=False)
    _ids: itertools.count[int] = field(factory=itertools.count)
    _limited_log: LimitedLog = field(factory=lambda: LimitedLog(log, trio.current_time))
    _poller: Poller | None = None  # where there can be one
    _outbox: Outbox | None = None
    _heap: Heap = field(factory=Heap)

    def __attrs_post_init__(self) -> None:
        names = {bound.listener.name for bound in self.bound}
        self._limits = ConnectionLimits(
            self.broker.config, names, self.broker.quotas_in_force.connection_rate
        )

    def stop(self) -> None:
        """Ask the server to stop; `run` returns when it has."""
        self.stopping.set()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until `stop` is called. The broker must be loaded; its stores are not closed here."""
        with gathering() as self._outbox, polling() as self._poller:
            await self._run(task_status)

    async def _run(self, task_status: trio.TaskStatus[None]) -> None:
        dispatcher = Dispatcher(self.broker)
        async with trio.open_nursery() as background:
            await background.start(self.broker.run)
            background.start_soon(self._sweep)
            if self._poller is not None:
                background.start_soon(self._poller.run)
            for keys in self.sasl.keys if self.sasl else ():
                background.start_soon(keys.run)
            async with trio.open_nursery() as connections:
                async with trio.open_nursery() as acceptors:
                    for bound in self.bound:
                        for listening in bound.sockets:
                            acceptors.start_soon(self._accept, bound, listening, dispatcher, connections)
                    task_status.started()
                    await self.stopping.wait()
                    acceptors.cancel_scope.cancel()
                close(self.bound)
                await self._drain()
                connections.cancel_scope.cancel()
            background.cancel_scope.cancel()

    async def _drain(self) -> None:
        for connection in list(self._connections.values()):
            if not connection.sending:
                connection.cancel()
        if self._connections:
            with trio.move_on_after(DRAIN_S):
                await self._all_gone.wait()

    async def _accept(
        self, bound: BoundListener, listening: socket.socket, dispatcher: Dispatcher, nursery: trio.Nursery
    ) -> None:
        while True:
            await trio.lowlevel.wait_readable(listening)
            try:
                accepted, address = listening.accept()
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno in SCARCE:
                    self._limited_log.warning("accept", "can't accept connections: %s", error)
                    await trio.sleep(ACCEPT_RETRY_S)
                continue  # else the client was gone before it was accepted
            listener, host = bound.listener, plain_host(address[0])
            try:
                await self._limits.turn(listener.name)
            except trio.Cancelled:
                accepted.close()
                raise
            if delay_ms := self._limits.too_soon_ms(listener.name, host):
                nursery.start_soon(self._close_later, accepted, delay_ms)
            elif refusal := self._limits.refusal(host):
                self._limited_log.warning(f"refused:{host}", "refused connection from %s: %s", host, refusal)
                accepted.close()
            else:
                if self._limits.opened(listener.name, host):
                    self._close_quietest(listener)
                nursery.start_soon(self._serve, listener, accepted, host, dispatcher)

    async def _close_later(self, accepted: socket.socket, delay_ms: int) -> None:
        with accepted:
            await trio.sleep(delay_ms / 1000)

    def _close_quietest(self, spared: Listener) -> None:
        others = [one for one in self._connections.values() if one.identity.listener != spared.name]
        if others:
            min(others, key=lambda one: one.last_active).cancel()

    async def _serve(
        self, listener: Listener, accepted: socket.socket, host: str, dispatcher: Dispatcher
    ) -> None:
        try:
            await self._serve_counted(listener, accepted, host, dispatcher)
        finally:
            self._limits.closed(listener.name, host)

    async def _serve_counted(
        self, listener: Listener, accepted: socket.socket, host: str, dispatcher: Dispatcher
    ) -> None:
        number = next(self._ids)
        try:
            dialled = accepted.getsockname()
            transport = self._transport(listener, accepted)
        except OSError as error:  # mostly reset before it could be served
            if error.errno in SCARCE:
                self._limited_log.warning("accept", "can't serve connections: %s", error)
            accepted.close()
            return
        advertised = Endpoint(
            listener.advertised_host or plain_host(dialled[0]), listener.advertised_port or dialled[1]
        )
        identity = Connection(
            number, listener.name, advertised, host, security_protocol=listener.security_protocol
        )
        connection = self._connection(transport, identity, dispatcher)
        self._connections[number] = connection
        try:
            await connection.serve()
        finally:
            del self._connections[number]
            if self.stopping.is_set() and not self._connections:
                self._all_gone.set()

    def _transport(self, listener: Listener, accepted: socket.socket) -> Transport:
        if not listener.security_protocol.uses_tls:
            return SocketTransport(accepted, self._poller)
        from kbroker.tls_transport import TlsTransport

        linger_s = self.broker.config.int("connection.failed.authentication.delay.ms") / 1000
        return TlsTransport(accepted, self.tls[listener.name], linger_s=linger_s)

    def _connection(
        self, transport: Transport, identity: Connection, dispatcher: Dispatcher
    ) -> ClientConnection:
        """A client's connection, on a SASL listener behind a gate and with less allowed until that opens."""
        interruptible = self._poller is not None and not identity.security_protocol.uses_tls
        served_by = partial(
            ClientConnection,
            transport,
            identity,
            memory=self.broker.response_memory,
            limited_log=self._limited_log,
            request_memory=self.broker.request_memory,
            outbox=self._outbox if interruptible else None,
        )
        max_frame = self.broker.config.int("socket.request.max.bytes")
        if self.sasl is None or not identity.security_protocol.uses_sasl:
            return served_by(dispatcher, max_frame=max_frame)
        from kbroker.sasl_gate import SaslGate

        settings = self.broker.config.for_listener(identity.listener)
        gate = SaslGate(dispatcher, self.sasl.authentication(identity.listener), settings, self.broker.clock)
        at_first = min(max_frame, settings.int("sasl.server.max.receive.size"))
        connection = served_by(gate, max_frame=at_first)
        connection.must_authenticate_by = trio.current_time() + AUTHENTICATION_S
        gate.on_open = partial(connection.is_authenticated, max_frame)
        return connection

    async def _sweep(self) -> None:
        """Cut connections idle for connections.max.idle.ms, and give back memory of quiet ones.

        Idle is also whose request is parked for so long, as in Apache Kafka: nobody may be there any more. A parked
        request whose connection is known to be broken is let go at once; a FIN alone doesn't say so.
        """
        while True:
            await trio.sleep(IDLE_SWEEP_S)
            max_idle_s = self.broker.config.int("connections.max.idle.ms") / 1000
            now = trio.current_time()
            held = self.broker.request_memory.held + self.broker.response_memory.held
            self._heap.tend(held + len(self._connections) * CONNECTION_BYTES, now)
            for connection in list(self._connections.values()):
                idle_s = now - connection.last_active
                if idle_s > TRIM_AFTER_S:
                    connection.trim()
                if self._starves_others(connection, now):
                    host = connection.identity.client_host
                    self._limited_log.warning(
                        f"request memory:{host}",
                        "closed connection from %s: others wait for the memory of the large request that it is sending",
                        host,
                    )
                    connection.cancel()
                if now > connection.must_authenticate_by:
                    host = connection.identity.client_host
                    self._limited_log.warning(
                        f"slow:{host}", "closed connection from %s: it did not authenticate in time", host
                    )
                    connection.cancel()
                if idle_s > IDLE_SWEEP_S and connection.client_left():
                    connection.cancel()
                if not connection.sending and 0 <= max_idle_s < idle_s:
                    log.debug("closed connection from %s: idle", connection.identity.client_host)
                    connection.cancel()

    def _starves_others(self, connection: ClientConnection, now: float) -> bool:
        slow = connection.keeps_others_waiting(now - LARGE_REQUEST_S)
        return slow and self.broker.request_memory.hinders(connection.identity.id, now - STARVED_S)


def open_tls(listeners: Sequence[Listener], broker: Broker) -> dict[str, TlsListener]:
    """TLS of those listeners that have it; it has a say when settings change. Raises StartupError."""
    encrypted = [listener for listener in listeners if listener.security_protocol.uses_tls]
    if not encrypted:
        return {}
    from kbroker.tls.listener import TlsListener

    tls = {listener.name: TlsListener(listener, broker.config) for listener in encrypted}
    broker.config_checks += [one.check for one in tls.values()]
    return tls


def sasl_of(broker: Broker, listeners: Sequence[Listener]) -> SaslMechanisms | None:
    """What clients of SASL listeners prove who they are with; None where there are none. Raises StartupError."""
    if not any(listener.security_protocol.uses_sasl for listener in listeners):
        return None
    from kbroker.broker.sasl import SaslMechanisms

    return SaslMechanisms(broker, listeners)


async def serve(
    config: BrokerConfig,
    *,
    data_dir: Path,
    listeners: Sequence[Listener],
    clock: Clock | None = None,
    task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Bind, open the data directory, serve until `Server.stop` or cancellation, close cleanly.

    Raises StartupError when a listener can't be bound or the data directory can't be used.
    """
    bound = bind(listeners, config)
    try:
        async with open_broker(config, data_dir, clock) as broker, trio.open_nursery() as nursery:
            server = Server(broker, bound, open_tls(listeners, broker), sasl_of(broker, listeners))
            await nursery.start(server.run)
            task_status.started(server)
    finally:
        close(bound)


async def stop_on_signals(
    server: Server, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    """The first SIGTERM or SIGINT stops the server gracefully, a second one ends the process at once."""
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for number in signals:
            if server.stopping.is_set():
                os._exit(128 + number)
            log.info("stopping on %s", signal.Signals(number).name)
            server.stop()
