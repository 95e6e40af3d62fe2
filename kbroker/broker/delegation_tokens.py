"""Delegation tokens: known in memory, kept in the store, their HMACs made of the secret key when asked for."""

import logging
import os
from collections.abc import Callable, Collection, Sequence

import trio

from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.limited_log import LimitedLog
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.delegation_tokens import DelegationToken, ended, is_shown, renewed, shortest, until
from kbroker.state.scram_credentials import ScramCredential, ScramMechanism
from kbroker.storage.interfaces.delegation_tokens import DelegationTokenStore

log = logging.getLogger(__name__)

GONE = 0


class DelegationTokens:
    """All tokens of the cluster. Without `delegation.token.secret.key` there are none."""

    def __init__(self, config: BrokerConfig, store: DelegationTokenStore, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._tokens: dict[str, DelegationToken] = {}
        self._ids: dict[bytes, str] = {}  # by HMAC
        self._credentials: dict[tuple[str, ScramMechanism], ScramCredential] = {}
        self._changes = trio.Lock()
        self._limited_log = LimitedLog(log)

    async def load(self) -> None:
        """Read what the store holds."""
        if self.enabled:
            for token in await self._store.load():
                self._remember(token)

    @property
    def enabled(self) -> bool:
        """Whether there is a secret key."""
        return bool(self._secret_key)

    async def create(
        self, owner: str, requester: str, renewers: Sequence[str], max_lifetime_ms: int
    ) -> DelegationToken:
        """Make a token. `max_lifetime_ms` below 1 is the longest. Raises KafkaError."""
        self._check_enabled()
        now = self._clock.now_ms()
        max_ms = until(now, shortest(self._config.int("delegation.token.max.lifetime.ms"), max_lifetime_ms))
        expires = until(now, self._config.int("delegation.token.expiry.time.ms"), max_ms)
        token = DelegationToken(_new_id(), owner, requester, tuple(renewers), now, expires, max_ms)
        async with self._changes:
            await self._store.save(token)
            self._remember(token)
        return token

    async def renew(self, hmac: bytes, principal: str, period_ms: int) -> DelegationToken:
        """Put a token's end off. Raises KafkaError."""
        self._check_enabled()
        async with self._changes:
            default = self._config.int("delegation.token.expiry.time.ms")
            token = renewed(self._by_hmac(hmac), principal, period_ms, default, self._clock.now_ms())
            await self._store.save(token)
            self._tokens[token.token_id] = token
        return token

    async def expire(self, hmac: bytes, principal: str, period_ms: int) -> int:
        """Bring a token's end forward; a negative period removes it. Returns its end, 0 then. Raises KafkaError."""
        self._check_enabled()
        async with self._changes:
            known = self._by_hmac(hmac)
            token = ended(known, principal, period_ms, self._clock.now_ms())
            if token is not None:
                await self._store.save(token)
                self._tokens[token.token_id] = token
                return token.expires_ms
            if known is not None:
                await self._forget(known)
            return GONE

    def shown(
        self,
        principal: str,
        owners: Collection[str] | None,
        authorized: Callable[[DelegationToken], bool],
    ) -> list[DelegationToken]:
        """The tokens that a principal sees. Raises KafkaError DELEGATION_TOKEN_AUTH_DISABLED."""
        self._check_enabled()
        return [token for token in self._tokens.values() if is_shown(token, principal, owners, authorized)]

    def get(self, token_id: str) -> DelegationToken | None:
        """The token of that id, until it has been removed: it may have expired."""
        return self._tokens.get(token_id)

    def credential(self, token: DelegationToken, mechanism: ScramMechanism) -> ScramCredential:
        """What the token's bearer logs in with: its HMAC in base64 is the password."""
        from base64 import b64encode

        from kbroker.state.authentication.scram_keys import credential_of

        key = (token.token_id, mechanism)
        if key not in self._credentials:
            self._credentials[key] = credential_of(mechanism, b64encode(self.hmac(token)).decode())
        return self._credentials[key]

    def hmac(self, token: DelegationToken) -> bytes:
        """The secret that its bearer has."""
        from hmac import digest

        return digest(self._secret_key.encode(), token.token_id.encode(), "sha512")

    async def remove_expired(self) -> None:
        """Forget what is of no use any more."""
        now = self._clock.now_ms()
        for token in [each for each in self._tokens.values() if each.has_expired(now)]:
            async with self._changes:
                if self._tokens.get(token.token_id) is token:
                    await self._forget(token)
                    self._limited_log.info(
                        "expired", "delegation token %s of %s has expired", token.token_id, token.owner
                    )

    @property
    def _secret_key(self) -> str:
        return self._config.optional_str("delegation.token.secret.key") or ""

    def _check_enabled(self) -> None:
        if not self.enabled:
            raise KafkaError(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED)

    def _by_hmac(self, hmac: bytes) -> DelegationToken | None:
        # Found by hash, so that the time taken tells nothing of how much of it is right.
        return self._tokens.get(self._ids.get(hmac, ""))

    def _remember(self, token: DelegationToken) -> None:
        self._tokens[token.token_id] = token
        self._ids[self.hmac(token)] = token.token_id

    async def _forget(self, token: DelegationToken) -> None:
        await self._store.delete(token.token_id)
        del self._tokens[token.token_id]
        self._ids.pop(self.hmac(token), None)
        for mechanism in ScramMechanism:
            self._credentials.pop((token.token_id, mechanism), None)


def _new_id() -> str:
    """A random id as Kafka writes them: 16 bytes in base64, never with a dash in front."""
    from base64 import urlsafe_b64encode

    while (text := urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")).startswith("-"):
        pass
    return text
