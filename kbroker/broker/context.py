"""What a handler knows about the request it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import Factory, define

from kbroker.config.security_protocol import SecurityProtocol
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from kbroker.broker.broker import Broker
    from kbroker.broker.charge import Charge
    from kbroker.protocol.schema import Buffer
    from kbroker.state.acls import AclOperation, AclResourceType


@define
class Endpoint:
    """A host and port that clients can dial."""

    host: str
    port: int


@define
class Connection:
    """One client connection, as handlers see it: what outlives a single request."""

    id: int
    listener: str  # name of the listener the client came in on
    advertised: Endpoint  # where that listener says this broker is (KIP-103)
    client_host: str
    software_name: str = ""  # from ApiVersions v3+ (KIP-511)
    software_version: str = ""
    principal: str = "User:ANONYMOUS"
    by_token: bool = False  # the principal was proven with a delegation token (KIP-48)
    security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    muted_until: float = (
        0.0  # no request is read before this time of trio's; 0 while there is nothing to wait for
    )
    when_sent: list[Callable[[], None]] = Factory(
        list
    )  # called once the answer at hand is sent, or never will be
    # Sends a parked request's answer from another's task; never raises. None where that can't be done.
    send_parked: Callable[[Sequence[Buffer]], None] | None = None


@define
class RequestContext:
    """One request's surroundings. `before_wait` sends the answers that came before this one: call it before parking."""

    broker: Broker
    connection: Connection
    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None
    before_wait: Callable[[], Awaitable[None]]
    charge: Charge | None = None  # while quotas are set
    # Makes a frame of the correlation id and the answer.
    encode: Callable[[int, Any], Sequence[Buffer]] | None = None
    answered: bool = False  # from another's task: its handler has to return None then

    @property
    def can_answer_parked(self) -> bool:
        """Whether `answer_parked` may be called."""
        return self.charge is None and self.encode is not None and self.connection.send_parked is not None

    def answer_parked(self, response: Any) -> None:
        """Answer from another's task, while this request's is parked; see `answered`."""
        assert self.encode is not None  # noqa: S101 - see `can_answer_parked`
        assert self.connection.send_parked is not None  # noqa: S101
        frame = self.encode(self.correlation_id, response)
        self.answered = True  # whatever becomes of it: a client must not get two
        self.connection.send_parked(frame)

    def when_sent(self, call: Callable[[], None]) -> None:
        """Have `call` called once this request's answer has been sent, or never will be: call it before answering."""
        self.connection.when_sent.append(call)

    def authorize(self, operation: AclOperation, resource_type: AclResourceType, name: str) -> bool:
        """Whether the client may do this to the resource `name`. Without an authorizer everyone may do all."""
        authorizer = self.broker.authorizer
        if authorizer is None:
            return True
        client = self.connection
        return authorizer.authorize(client.principal, client.client_host, operation, resource_type, name)

    def authorize_cluster(self, operation: AclOperation) -> bool:
        """Whether the client may do this to the cluster."""
        if self.broker.authorizer is None:
            return True
        from kbroker.state.acls import CLUSTER_NAME, AclResourceType

        return self.authorize(operation, AclResourceType.CLUSTER, CLUSTER_NAME)

    def require_cluster(self, operation: AclOperation) -> None:
        """Raise KafkaError CLUSTER_AUTHORIZATION_FAILED unless the client may do this to the cluster."""
        if not self.authorize_cluster(operation):
            raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "The request is not authorized.")

    def authorize_any(self, operation: AclOperation, resource_type: AclResourceType) -> bool:
        """Whether the client may do this to some resource of the type, be it there or not."""
        authorizer = self.broker.authorizer
        if authorizer is None:
            return True
        return authorizer.authorize_any(
            self.connection.principal, self.connection.client_host, operation, resource_type
        )

    def authorized_operations(self, resource_type: AclResourceType, name: str) -> int:
        """The bit field of all that the client may do to a resource (KIP-430)."""
        from kbroker.state.authorized_operations import ALL_BITS, SUPPORTED_OPERATIONS, bits

        if self.broker.authorizer is None:
            return ALL_BITS[resource_type]
        supported = SUPPORTED_OPERATIONS[resource_type]
        return bits(one for one in supported if self.authorize(one, resource_type, name))

    def cluster_operations(self) -> int:
        """The bit field of all that the client may do to the cluster."""
        from kbroker.state.acls import CLUSTER_NAME, AclResourceType

        return self.authorized_operations(AclResourceType.CLUSTER, CLUSTER_NAME)
