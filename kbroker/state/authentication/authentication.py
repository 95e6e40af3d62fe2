"""The order in which a connection authenticates (KIP-43, KIP-152), and again before its session ends (KIP-368).

ApiVersions at most once, SaslHandshake, then the mechanism's tokens: in SaslAuthenticate requests, or bare in frames of
their own after a SaslHandshake of version 0. Time is passed in: `now` is monotonic seconds, `now_ms` the clock's time.
"""

from collections.abc import Callable, Mapping
from enum import Enum, auto

from kbroker.state.authentication.exchange import AuthenticationError, Exchange, Identity

SASL_HANDSHAKE = 17
MIN_REAUTHENTICATION_S = 1.0  # whoever authenticates again sooner is answered with an error


class Step(Enum):
    """What is expected next."""

    HANDSHAKE_OR_VERSIONS = auto()
    HANDSHAKE = auto()
    BARE_TOKEN = auto()
    TOKEN = auto()
    DONE = auto()


class Authentication:
    """One connection's authentication.

    `mechanisms` makes the exchange of each mechanism that is enabled. `max_session_ms` is connections.max.reauth.ms of
    a mechanism, 0 for no limit.
    """

    def __init__(
        self,
        mechanisms: Mapping[str, Callable[[], Exchange]],
        max_session_ms: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self.step = Step.HANDSHAKE_OR_VERSIONS
        self.identity: Identity | None = None  # the last one that was proven
        self.expires: float | None = None  # when the session ends
        self._mechanisms = mechanisms
        self._max_session_ms = max_session_ms
        self._mechanism = ""
        self._exchange: Exchange | None = None
        self._last_reauthentication = float("-inf")

    @property
    def mechanisms(self) -> list[str]:
        """What clients may choose from."""
        return list(self._mechanisms)

    @property
    def process(self) -> str:
        """What is going on, in words."""
        return "authentication" if self.identity is None else "re-authentication"

    def versions_told(self) -> None:
        """ApiVersions was answered without an error: it may not be asked again."""
        self.step = Step.HANDSHAKE

    def choose(self, mechanism: str, *, bare_tokens: bool) -> bool:
        """Take the mechanism that a SaslHandshake asks for; False if there is no such."""
        if mechanism not in self._mechanisms:
            return False
        if self.identity is not None and mechanism != self._mechanism:
            self._exchange = _AnotherMechanism()
        else:
            self._mechanism = mechanism
            self._exchange = self._mechanisms[mechanism]()
        self.step = Step.BARE_TOKEN if bare_tokens else Step.TOKEN
        return True

    def respond(self, token: bytes, now: float, now_ms: int) -> tuple[bytes, int]:
        """Take a token; return the answer and the session's lifetime in ms, 0 if it has no end or isn't begun.

        Raises AuthenticationError, whose `shown` is what the client is told.
        """
        assert self._exchange is not None  # noqa: S101 - `choose` comes first
        try:
            answer = self._exchange.respond(token)
            identity = self._exchange.identity
            if identity is None:
                return answer, 0
            if self.identity is not None and identity.principal != self.identity.principal:
                before, after = self.identity.principal, identity.principal
                raise AuthenticationError(
                    "another principal",
                    "Cannot change principals during re-authentication from "
                    f"{before.replace(':', '.', 1)}: {after.replace(':', '.', 1)}",
                )
        except AuthenticationError as error:
            if error.shown is None:
                error.shown = (
                    f"Authentication failed during {self.process} due to invalid credentials with SASL mechanism "
                    f"{self._mechanism}"
                )
            raise
        self._exchange = None
        self.identity = identity
        self.step = Step.DONE
        lifetime_ms = self._lifetime_ms(identity, now_ms)
        self.expires = None if lifetime_ms is None else now + lifetime_ms / 1000
        return answer, lifetime_ms or 0

    def begin_again(self, api_key: int, now: float) -> bool:
        """Whether a request on an authenticated connection begins a re-authentication, which is so from now on."""
        if (
            api_key != SASL_HANDSHAKE
            or self.expires is None
            or now - self._last_reauthentication < MIN_REAUTHENTICATION_S
        ):
            return False
        self._last_reauthentication = now
        self.step = Step.HANDSHAKE
        return True

    def has_expired(self, now: float) -> bool:
        """Whether the session is over: whatever comes now ends the connection."""
        return self.expires is not None and now > self.expires

    def _lifetime_ms(self, identity: Identity, now_ms: int) -> int | None:
        limit = self._max_session_ms(self._mechanism)
        limits = [limit] if limit > 0 else []
        if identity.expires_ms is not None:
            limits.append(identity.expires_ms - now_ms)
        return max(0, min(limits)) if limits else None


class AnotherMechanismError(AuthenticationError):
    """Whoever authenticates again must do it as before: Apache Kafka ends the connection at the first token."""


class _AnotherMechanism:
    """The exchange of a client that authenticates again, with another mechanism than before."""

    identity: Identity | None = None

    def respond(self, token: bytes) -> bytes:  # noqa: ARG002
        """Fail."""
        raise AnotherMechanismError("another mechanism than before")
