"""What every SASL mechanism's server side is: tokens in, tokens out, and at the end who the client is."""

from typing import Protocol

from attrs import frozen


class AuthenticationError(Exception):
    """The client is not who it says it is.

    `shown` is what it is told, None for the text that gives nothing away; `str()` is for the log. Neither has
    secrets in it.
    """

    def __init__(self, reason: str, shown: str | None = None) -> None:
        super().__init__(reason)
        self.shown = shown


@frozen
class Identity:
    """An authenticated client: the user's name, when its credential ends (ms since the epoch), and its kind."""

    name: str
    expires_ms: int | None = None
    by_token: bool = False  # with a delegation token (KIP-48)

    @property
    def principal(self) -> str:
        """The principal, as ACLs and quotas name it."""
        return f"User:{self.name}"


class Exchange(Protocol):
    """One client's exchange, used once."""

    identity: Identity | None
    """Who the client is, once the exchange is complete."""

    def respond(self, token: bytes) -> bytes:
        """Take the client's next token and return the answer, which may be empty. Raises AuthenticationError."""
        ...
