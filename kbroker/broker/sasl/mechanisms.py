"""The mechanisms of SASL listeners: makes the exchange that a client asks for, with the settings as they are then."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from kbroker.broker.broker import Broker
from kbroker.config.listeners import Listener
from kbroker.config.sasl import (
    OAUTHBEARER,
    PLAIN,
    MechanismSettings,
    check_sasl,
    enabled_mechanisms,
    mechanism_settings,
)
from kbroker.errors import StartupError
from kbroker.state.authentication.authentication import Authentication
from kbroker.state.authentication.exchange import AuthenticationError, Exchange, Identity
from kbroker.state.authentication.oauthbearer import BearerToken, OAuthBearerExchange
from kbroker.state.authentication.plain import PlainExchange
from kbroker.state.authentication.scram import ScramAccount, ScramExchange
from kbroker.state.authentication.unsecured_token import UnsecuredValidator
from kbroker.state.scram_credentials import BY_NAME, ScramMechanism

if TYPE_CHECKING:
    from kbroker.broker.sasl.jwks import Jwks


class SaslMechanisms:
    """All SASL listeners of a broker."""

    def __init__(self, broker: Broker, listeners: Sequence[Listener]) -> None:
        """Check the settings. Raises StartupError."""
        self._broker = broker
        self._jwks: dict[str, Jwks] = {}  # by listener
        check_sasl(broker.config, listeners)
        for listener in listeners:
            if (
                listener.security_protocol.uses_sasl
                and OAUTHBEARER in enabled_mechanisms(broker.config, listener.name)
                and self._settings(listener.name, OAUTHBEARER).signed_tokens
            ):
                self._jwks[listener.name] = self._make_jwks(listener.name)

    @property
    def keys(self) -> Sequence["Jwks"]:
        """The sets of keys, each to be kept up to date by its `run`."""
        return [*self._jwks.values()]

    def authentication(self, listener: str) -> Authentication:
        """A new connection's authentication."""
        return Authentication(
            {
                mechanism: partial(self._exchange, listener, mechanism)
                for mechanism in enabled_mechanisms(self._broker.config, listener)
            },
            lambda mechanism: self._settings(listener, mechanism).max_session_ms,
        )

    def _settings(self, listener: str, mechanism: str) -> MechanismSettings:
        return mechanism_settings(self._broker.config, listener, mechanism)

    def _exchange(self, listener: str, mechanism: str) -> Exchange:
        try:
            settings = self._settings(listener, mechanism)
        except StartupError as error:  # a dynamic change made it unusable
            raise AuthenticationError(str(error)) from error
        if mechanism == PLAIN:
            return PlainExchange(settings.passwords)
        if mechanism == OAUTHBEARER:
            return OAuthBearerExchange(self._validator(listener, settings))
        scram = BY_NAME[mechanism]
        return ScramExchange(scram, partial(self._account, scram))

    def _account(self, mechanism: ScramMechanism, name: str, by_token: bool) -> ScramAccount | None:
        if not by_token:
            credential = self._broker.scram_users.credential(name, mechanism)
            return ScramAccount(Identity(name), credential) if credential else None
        tokens = self._broker.delegation_tokens
        token = tokens.get(name)
        if token is None or token.has_expired(self._broker.clock.now_ms()):
            return None
        owner = token.owner.partition(":")[2]
        identity = Identity(owner, token.expires_ms, by_token=True)
        return ScramAccount(identity, tokens.credential(token, mechanism))

    def _validator(self, listener: str, settings: MechanismSettings) -> Callable[[str], BearerToken]:
        clock = self._broker.clock
        jwks = self._jwks.get(listener)
        if jwks is None:
            unsecured = UnsecuredValidator.of(settings.options)
            return lambda token: unsecured.validate(token, clock.now_ms())
        from kbroker.state.authentication.signed_token import SignedValidator, UnknownKeyError

        values = settings.values
        validator = SignedValidator(
            frozenset(values.list("sasl.oauthbearer.expected.audience")),
            values.optional_str("sasl.oauthbearer.expected.issuer") or None,
            values.int("sasl.oauthbearer.clock.skew.seconds"),
            values.str("sasl.oauthbearer.scope.claim.name"),
            values.str("sasl.oauthbearer.sub.claim.name"),
        )

        def validate(token: str) -> BearerToken:
            try:
                return validator.validate(token, jwks.keys, clock.now_ms())
            except UnknownKeyError as error:
                jwks.look_for(error.key_id)
                raise

        return validate

    def _make_jwks(self, listener: str) -> "Jwks":
        try:
            from kbroker.broker.sasl.jwks import Jwks
        except ImportError:
            raise StartupError(
                f"listener {listener} checks signed tokens, for which kbroker needs its extra `security`: "
                "in its source directory, pip install '.[security]'"
            ) from None
        return Jwks(self._settings(listener, OAUTHBEARER).values)
