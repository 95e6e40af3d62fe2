"""From a frame to its handler and back: (api key, version) decides the reader, the handler and the writer.

- a key or version that isn't served closes the connection, as Apache Kafka does
- except ApiVersions, which is answered in version 0 with UNSUPPORTED_VERSION, so that clients can step down (KIP-511)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs import define

from kbroker.broker.context import RequestContext
from kbroker.errors import RequestRefusedError
from kbroker.handlers import served_apis
from kbroker.handlers.api_versions import unsupported_version
from kbroker.protocol.errors import TextTooLongError
from kbroker.protocol.frames import encode_response, parse_request_header, response_encoder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from kbroker.broker.broker import Broker
    from kbroker.broker.context import Connection
    from kbroker.protocol.apis import Api
    from kbroker.protocol.frames import RequestHeader
    from kbroker.protocol.schema import Buffer, Reader

API_VERSIONS = 18


@define(eq=False)
class Route:
    """One version of one API, ready to be served."""

    api: Api
    read: Reader[Any]
    handle: Callable[[Any, RequestContext], Coroutine[Any, Any, Any]]
    encode: Callable[[int, Any], list[Buffer]]


class Dispatcher:
    """Answers frames of any connection."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._routes: dict[tuple[int, int], Route] = {}

    async def handle(
        self, frame: memoryview, connection: Connection, before_wait: Callable[[], Awaitable[None]]
    ) -> list[Buffer] | None:
        """Answer one request; None when it wants no answer, or has got it while it was parked.

        Raises ProtocolError for bytes that are no request, RequestRefusedError for one that is not served.
        """
        header = parse_request_header(frame)
        route = self._routes.get((header.api_key, header.api_version))
        if route is None:
            route = self._find_route(header)
            if route is None:
                return _unsupported_api_versions(header)
        request = route.read(frame, header.body)
        ctx = RequestContext(
            self._broker,
            connection,
            header.api_key,
            header.api_version,
            header.correlation_id,
            header.client_id,
            before_wait,
            encode=route.encode,
        )
        if self._broker.quotas_in_force.enforced:
            from kbroker.broker.charge import charged

            response = await charged(route.handle, request, ctx, len(frame))
        else:
            response = await route.handle(request, ctx)
        if response is None:
            return None
        try:
            return route.encode(header.correlation_id, response)
        except TextTooLongError as error:
            name = route.api.name
            raise RequestRefusedError(f"{name}: long text", f"the answer to its {name} has {error}") from None

    def _find_route(self, header: RequestHeader) -> Route | None:
        """Make the route, for whose modules and codecs the first request pays. None: ApiVersions to be stepped down."""
        api = served_apis().get(header.api_key)
        version = header.api_version
        if api is None:
            raise RequestRefusedError(f"api {header.api_key}", f"API key {header.api_key} is not served here")
        if not api.serves(version):
            if api.key == API_VERSIONS:
                return None
            raise RequestRefusedError(
                f"{api.name} v{version}",
                f"{api.name} version {version} is not served, {max(api.first, api.first_schema)} to {api.last} are"
                f" (client id {header.client_id!r})",
            )
        handler = import_module(f"kbroker.handlers.{api.module}")
        route = Route(api, api.request_reader(version), handler.handle, response_encoder(api, version))
        self._routes[header.api_key, version] = route
        return route


def _unsupported_api_versions(header: RequestHeader) -> list[Buffer]:
    api = served_apis()[API_VERSIONS]
    return encode_response(api, 0, header.correlation_id, unsupported_version())
