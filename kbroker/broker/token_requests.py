"""Who may ask for delegation tokens at all: clients that proved who they are, and not with a token (KIP-48)."""

from kbroker.broker.context import Connection
from kbroker.config.security_protocol import SecurityProtocol

ANONYMOUS = "User:ANONYMOUS"
NO_TIME = -1  # what stands for a time in some refusals


def may_ask_for_tokens(connection: Connection) -> bool:
    """Whether the client may ask; otherwise it is told DELEGATION_TOKEN_REQUEST_NOT_ALLOWED."""
    protocol = connection.security_protocol
    unproven = protocol is SecurityProtocol.PLAINTEXT or (
        protocol is SecurityProtocol.SSL and connection.principal == ANONYMOUS
    )
    return not unproven and not connection.by_token
