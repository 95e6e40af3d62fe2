"""Delegation tokens (KIP-48, KIP-373): what one is, and the rules by which it is made, renewed, ended and shown.

Times are ms since the epoch. Principals are written `User:name`.
"""

from collections.abc import Callable, Collection

from attrs import evolve, frozen

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

USER = "User"
_LATEST = 2**63 - 1


@frozen
class DelegationToken:
    """A token: who may act as `owner` with it, who asked for it, who may renew it, and until when."""

    token_id: str
    owner: str
    requester: str
    renewers: tuple[str, ...]
    issued_ms: int
    expires_ms: int
    max_ms: int

    def has_expired(self, now_ms: int) -> bool:
        """Whether it is of no use any more."""
        return min(self.expires_ms, self.max_ms) < now_ms

    def may_renew(self, principal: str) -> bool:
        """Whether it is this principal's to renew or end."""
        return principal == self.owner or principal in self.renewers

    def is_known_to(self, principal: str) -> bool:
        """Whether this principal may see it: also who asked for it, who was told all of it then."""
        return principal == self.requester or self.may_renew(principal)


def until(now_ms: int, lifetime_ms: int, limit_ms: int = _LATEST) -> int:
    """When what lasts that long ends, `limit_ms` at the latest."""
    return min(now_ms + lifetime_ms, limit_ms)


def shortest(default_ms: int, asked_ms: int) -> int:
    """A period that is asked for, but not beyond the default; 0 and below ask for the default."""
    return min(default_ms, asked_ms) if asked_ms > 0 else default_ms


def renewed(
    token: DelegationToken | None, principal: str, period_ms: int, default_ms: int, now_ms: int
) -> DelegationToken:
    """The token with a later end. Raises KafkaError."""
    if token is None:
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_NOT_FOUND)
    if token.has_expired(now_ms):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_EXPIRED)
    if not token.may_renew(principal):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
    return evolve(token, expires_ms=until(now_ms, shortest(default_ms, period_ms), token.max_ms))


def ended(
    token: DelegationToken | None, principal: str, period_ms: int, now_ms: int
) -> DelegationToken | None:
    """The token that ends after `period_ms`; None if that is negative: it ends at once. Raises KafkaError."""
    if token is None:
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_NOT_FOUND)
    if not token.may_renew(principal):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH)
    if period_ms < 0:
        return None
    if token.has_expired(now_ms):
        raise KafkaError(ErrorCode.DELEGATION_TOKEN_EXPIRED)
    return evolve(token, expires_ms=until(now_ms, period_ms, token.max_ms))


def is_shown(
    token: DelegationToken,
    principal: str,
    owners: Collection[str] | None,
    authorized: Callable[[DelegationToken], bool],
) -> bool:
    """Whether a principal sees a token when asking for those of `owners`, None for all.

    Others' tokens are seen by whom ACLs allow it.
    """
    if owners is not None and not any(map(token.is_known_to, owners)):
        return False
    return token.is_known_to(principal) or authorized(token)
