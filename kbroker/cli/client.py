"""A client small enough for the command line: one connection, one request at a time, blocking."""

import socket
from collections.abc import Sequence
from struct import Struct
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from kbroker.cli.addresses import shown
from kbroker.cli.security import IN_THE_CLEAR, ClientSecurity
from kbroker.protocol.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest
from kbroker.protocol.schema import reader, writer

if TYPE_CHECKING:
    from kbroker.cli.sasl import SaslLogin

CLIENT_ID = b"kbroker-cli"
API_VERSIONS = 18
_HEADER = Struct(">hhih")
_INT32 = Struct(">i")


class ClientError(Exception):
    """No answer: the broker can't be reached, closed the connection, or doesn't know the request."""


class ClosedError(ClientError):
    """The broker closed the connection instead of answering."""


class Client:
    """A connection to a broker. Raises ClientError, from `connect` on, when it fails."""

    def __init__(self, connection: socket.socket, name: str) -> None:
        """Take over a connection, and ask what the broker serves."""
        self.name = name  # host:port, for messages
        self._connection = connection
        self._correlation_id = 0
        # Before they are known: ApiVersions in its first version, which every broker answers.
        self._versions = {API_VERSIONS: (0, 0)}
        answer: ApiVersionsResponse = self.request(ApiVersionsRequest())
        self._versions = {key.api_key: (key.min_version, key.max_version) for key in answer.api_keys}

    @classmethod
    def connect(
        cls,
        addresses: Sequence[tuple[str, int]],
        timeout_s: float,
        security: ClientSecurity = IN_THE_CLEAR,
    ) -> Self:
        """Connect to the first of some brokers that answers."""
        error: Exception = ClientError("no broker to connect to")
        for host, port in addresses:
            try:
                connection = socket.create_connection((host, port), timeout_s)
            except OSError as failed:
                error = ClientError(f"can't connect to {shown(host, port)}: {failed.strerror or failed}")
                continue
            try:
                connection = security.secure(connection, host)
            except OSError as failed:
                connection.close()
                error = ClientError(f"no TLS with {shown(host, port)}: {failed.strerror or failed}")
                continue
            try:
                client = cls(connection, shown(host, port))
                if security.login is not None:
                    client.log_in(security.login)
                return client
            except ClientError as failed:
                connection.close()
                error = failed
        raise error

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def versions(self) -> dict[int, tuple[int, int]]:
        """First and last version of each API key that the broker serves."""
        return self._versions

    def request(self, request: Any) -> Any:
        """Send a request in the newest version that both sides have, and return the answer."""
        api = next(api for api in APIS.values() if api.request is type(request))
        version = self._version(api)
        self._correlation_id += 1
        try:
            self._send(api, version, request)
            frame = self._receive_frame()
        except OSError as error:
            raise ClientError(f"no answer from {self.name}: {error.strerror or error}") from error
        # A flexible answer's header has tagged fields, of which there are none yet; ApiVersions' has not.
        tagged = api.is_flexible(version) and api.key != API_VERSIONS
        return reader(api.response, version)(frame, _INT32.size + (1 if tagged else 0))

    def log_in(self, login: "SaslLogin") -> None:
        """Authenticate (KIP-43, KIP-152). Raises ClientError if the broker refuses."""
        from kbroker.cli.sasl import SaslError

        handshake = self.request(SaslHandshakeRequest(login.mechanism))
        if handshake.error_code != ErrorCode.NONE:
            offered = ", ".join(handshake.mechanisms)
            raise ClientError(f"{self.name} does not offer {login.mechanism}, but {offered or 'nothing'}")
        exchange = login.exchange()
        message = next(exchange)
        try:
            while True:
                answer = self.request(SaslAuthenticateRequest(message))
                if answer.error_code != ErrorCode.NONE:
                    raise ClientError(f"{self.name} refuses the login: {answer.error_message}")
                message = exchange.send(answer.auth_bytes)
        except StopIteration:
            return
        except SaslError as error:
            raise ClientError(f"{self.name}: {error}") from None

    def _version(self, api: Api) -> int:
        first, last = self._versions.get(api.key, (0, -1))
        version = min(last, api.last)
        if version < max(first, api.first):
            raise ClientError(f"{self.name} doesn't serve {api.name} in a version that this client knows")
        return version

    def _send(self, api: Api, version: int, request: Any) -> None:
        header = _HEADER.pack(api.key, version, self._correlation_id, len(CLIENT_ID)) + CLIENT_ID
        tags = b"\x00" if api.is_flexible(version) else b""
        body = header + tags + b"".join(writer(api.request, version)(request))
        self._connection.sendall(_INT32.pack(len(body)) + body)

    def _receive_frame(self) -> memoryview:
        (size,) = _INT32.unpack(self._receive(_INT32.size))
        return memoryview(self._receive(size))

    def _receive(self, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            some = self._connection.recv(size - len(received))
            if not some:
                raise ClosedError(f"{self.name} closed the connection")
            received += some
        return bytes(received)
