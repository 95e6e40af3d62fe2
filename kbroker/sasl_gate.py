"""The gate of a connection on a SASL listener: nothing gets past it before the client has proven who it is.

It stands where the dispatcher does otherwise, so that other listeners pay nothing for it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import trio

from kbroker.broker.context import Connection
from kbroker.clock import Clock
from kbroker.config.typed_values import TypedValues
from kbroker.dispatch import API_VERSIONS, Dispatcher
from kbroker.errors import RequestRefusedError
from kbroker.protocol.apis import APIS, Api
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.frames import RequestHeader, encode_response, parse_request_header
from kbroker.protocol.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kbroker.protocol.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from kbroker.protocol.schema import Buffer
from kbroker.state.authentication.authentication import (
    SASL_HANDSHAKE,
    AnotherMechanismError,
    Authentication,
    Step,
)
from kbroker.state.authentication.exchange import AuthenticationError

SASL_AUTHENTICATE = 36
_SINCE_TOKENS_IN_REQUESTS = 1  # of SaslHandshake
_ERROR_CODE = slice(8, 10)  # in an answer to ApiVersions: after size and correlation id
BeforeWait = Callable[[], Awaitable[None]]


class SaslGate:
    """Answers one connection's requests until it is authenticated, then hands them on."""

    def __init__(
        self, dispatcher: Dispatcher, authentication: Authentication, settings: TypedValues, clock: Clock
    ) -> None:
        self._dispatcher = dispatcher
        self._authentication = authentication
        self._failure_delay_s = settings.int("connection.failed.authentication.delay.ms") / 1000
        self._clock = clock
        self.on_open: Callable[[], None] = lambda: None  # called when the client has proven who it is

    async def handle(
        self, frame: memoryview, connection: Connection, before_wait: BeforeWait
    ) -> list[Buffer] | None:
        """Answer one frame; see Dispatcher.handle. RequestRefusedError also ends what fails to authenticate."""
        authentication = self._authentication
        if authentication.step is Step.DONE:
            if authentication.expires is None:
                return await self._dispatcher.handle(frame, connection, before_wait)
            now = trio.current_time()
            if not authentication.begin_again(int.from_bytes(frame[:2], "big"), now):
                if authentication.has_expired(now):
                    raise RequestRefusedError("session expired", "its session has expired")
                return await self._dispatcher.handle(frame, connection, before_wait)
        try:
            return await self._authenticate(frame, connection, before_wait)
        except _FailedError as failure:
            # Told late, so that guessing is slow.
            await before_wait()
            await trio.sleep(self._failure_delay_s)
            raise RequestRefusedError(
                "failed authentication",
                f"failed {authentication.process}: {failure}",
                failure.answer,
            ) from None

    async def _authenticate(
        self, frame: memoryview, connection: Connection, before_wait: BeforeWait
    ) -> list[Buffer] | None:
        authentication = self._authentication
        if authentication.step is Step.BARE_TOKEN:
            token, _ = self._respond(bytes(frame), connection, lambda _: [])
            return [len(token).to_bytes(4, "big") + token]
        header = parse_request_header(frame)
        if authentication.step is Step.TOKEN:
            return self._token(frame, header, connection)
        if header.api_key == SASL_HANDSHAKE:
            return self._handshake(frame, header)
        if header.api_key != API_VERSIONS or authentication.step is not Step.HANDSHAKE_OR_VERSIONS:
            raise RequestRefusedError(
                "unauthenticated", f"sent a request of API key {header.api_key} before it authenticated"
            )
        answer = await self._dispatcher.handle(frame, connection, before_wait)
        if answer and not any(b"".join(answer)[_ERROR_CODE]):
            authentication.versions_told()
        return answer

    def _handshake(self, frame: memoryview, header: RequestHeader) -> list[Buffer]:
        api = _served(header)
        request: SaslHandshakeRequest = api.request_reader(header.api_version)(frame, header.body)
        bare = header.api_version < _SINCE_TOKENS_IN_REQUESTS
        known = self._authentication.choose(request.mechanism, bare_tokens=bare)
        code = ErrorCode.NONE if known else ErrorCode.UNSUPPORTED_SASL_MECHANISM
        response = SaslHandshakeResponse(code, self._authentication.mechanisms)
        answer = _encoded(header, response)
        if not known:
            # Whoever authenticates again is let go without a word, as by Apache Kafka.
            told = answer if self._authentication.identity is None else []
            raise _FailedError("it asked for another mechanism than there are", told)
        return answer

    def _token(self, frame: memoryview, header: RequestHeader, connection: Connection) -> list[Buffer]:
        api = _served(header)
        if header.api_key != SASL_AUTHENTICATE:
            raise _FailedError(f"it sent {api.name} instead of a token", _illegal_state(header, api))
        request: SaslAuthenticateRequest = api.request_reader(header.api_version)(frame, header.body)

        def refuse(shown: str | None) -> list[Buffer]:
            code = ErrorCode.SASL_AUTHENTICATION_FAILED
            return _encoded(header, SaslAuthenticateResponse(code, shown))

        answer, lifetime_ms = self._respond(bytes(request.auth_bytes), connection, refuse)
        return _encoded(header, SaslAuthenticateResponse(auth_bytes=answer, session_lifetime_ms=lifetime_ms))

    def _respond(
        self, token: bytes, connection: Connection, refuse: Callable[[str | None], list[Buffer]]
    ) -> tuple[bytes, int]:
        authentication = self._authentication
        try:
            answer = authentication.respond(token, trio.current_time(), self._clock.now_ms())
        except AnotherMechanismError as error:
            raise _FailedError(str(error), []) from error
        except AuthenticationError as error:
            raise _FailedError(str(error), refuse(error.shown)) from error
        if authentication.step is Step.DONE and authentication.identity is not None:
            connection.principal = authentication.identity.principal
            connection.by_token = authentication.identity.by_token
            self.on_open()
        return answer


class _FailedError(Exception):
    """The client is to be told, late, and then let go."""

    def __init__(self, reason: str, answer: list[Buffer]) -> None:
        super().__init__(reason)
        self.answer = answer


def _served(header: RequestHeader) -> Api:
    api = APIS.get(header.api_key)
    if api is None or not api.serves(header.api_version):
        raise RequestRefusedError(
            "unauthenticated",
            f"sent a request of API key {header.api_key}, version {header.api_version}, which is not served",
        )
    return api


def _encoded(header: RequestHeader, response: Any) -> list[Buffer]:
    return encode_response(APIS[header.api_key], header.api_version, header.correlation_id, response)


def _illegal_state(header: RequestHeader, api: Api) -> list[Buffer]:
    """What says in that API's own form that it isn't its time, where the form has room for it."""
    if "error_code" not in {field.name for field in attrs.fields(api.response)}:
        return []
    return _encoded(header, api.response(error_code=ErrorCode.ILLEGAL_SASL_STATE))
