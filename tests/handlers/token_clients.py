"""Clients that may ask for delegation tokens, for the tests of those four APIs."""

from kbroker.broker.context import RequestContext
from kbroker.config.security_protocol import SecurityProtocol

SETTINGS = {"delegation.token.secret.key": "key"}


def authenticated(ctx: RequestContext, user: str = "alice") -> RequestContext:
    """The context of an authenticated client."""
    ctx.connection.security_protocol = SecurityProtocol.SASL_PLAINTEXT
    ctx.connection.principal = f"User:{user}"
    return ctx
