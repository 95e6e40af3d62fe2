"""How clients of a listener prove who they are: what `sasl.…` settings and JAAS entries ask for, checked at start."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.jaas import SERVER, JaasError, LoginModule, parse_jaas
from kbroker.config.listeners import Listener
from kbroker.config.typed_values import TypedValues
from kbroker.errors import StartupError

PLAIN, SCRAM_SHA_256, SCRAM_SHA_512, OAUTHBEARER = "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"

_MODULES = {
    PLAIN: "PlainLoginModule",
    SCRAM_SHA_256: "ScramLoginModule",
    SCRAM_SHA_512: "ScramLoginModule",
    OAUTHBEARER: "OAuthBearerLoginModule",
}
_UNSECURED = "OAuthBearerUnsecuredValidatorCallbackHandler"
_SIGNED = "OAuthBearerValidatorCallbackHandler"
_HANDLERS = {
    PLAIN: {"PlainServerCallbackHandler"},
    SCRAM_SHA_256: {"ScramServerCallbackHandler"},
    SCRAM_SHA_512: {"ScramServerCallbackHandler"},
    OAUTHBEARER: {_UNSECURED, _SIGNED},
}
_KAFKA_PACKAGE = "org.apache.kafka.common.security."
_USER = "user_"
_JAAS = "sasl.jaas.config"
_HANDLER = "sasl.server.callback.handler.class"
_JWKS = "sasl.oauthbearer.jwks.endpoint.url"


@frozen
class MechanismSettings:
    """One mechanism on one listener. `options` are its login module's."""

    options: Mapping[str, str] = field(repr=False)
    values: TypedValues = field(repr=False)
    signed_tokens: bool = False  # OAUTHBEARER: tokens are checked with an issuer's keys

    @property
    def passwords(self) -> dict[str, str]:
        """PLAIN's users."""
        return {
            name.removeprefix(_USER): value for name, value in self.options.items() if name.startswith(_USER)
        }

    @property
    def max_session_ms(self) -> int:
        """After how long clients must authenticate again; 0 for never."""
        return self.values.int("connections.max.reauth.ms")


def enabled_mechanisms(config: BrokerConfig, listener: str) -> list[str]:
    """The mechanisms of a listener, without those that aren't served (GSSAPI, plug-ins)."""
    return [name for name in _enabled(config, listener) if name in _MODULES]


def mechanism_settings(config: BrokerConfig, listener: str, mechanism: str) -> MechanismSettings:
    """What a mechanism is configured with now. Raises StartupError, which never shows a secret."""
    values = config.for_listener(listener, mechanism)
    where = f"listener.name.{listener.lower()}.{mechanism.lower()}."
    _check_handler(where, mechanism, values)
    module = _login_module(config, values, where, listener, mechanism)
    signed = mechanism == OAUTHBEARER and (
        bool(values.optional_str(_JWKS)) or _handler_name(values) == _SIGNED
    )
    if signed and not values.optional_str(_JWKS):
        raise StartupError(f"{where}{_JWKS} is not set: where are the keys that tokens are checked with?")
    if module is None and mechanism == OAUTHBEARER and not signed:
        raise StartupError(
            f"{where}{_JAAS} is not set: OAUTHBEARER needs {_JWKS}, or an OAuthBearerLoginModule there "
            "to accept unsigned tokens"
        )
    settings = MechanismSettings(module.options if module else {}, values, signed)
    if mechanism == PLAIN and module is None:
        raise StartupError(
            f"{where}{_JAAS} is not set: PLAIN needs users, as in "
            f'{_KAFKA_PACKAGE}plain.PlainLoginModule required user_NAME="PASSWORD";'
        )
    return settings


def check_sasl(config: BrokerConfig, listeners: Iterable[Listener]) -> list[str]:
    """Raise StartupError unless every SASL listener can be logged in to; return what is worth a warning."""
    warnings = []
    for listener in listeners:
        if not listener.security_protocol.uses_sasl:
            continue
        served = enabled_mechanisms(config, listener.name)
        left_out = [name for name in _enabled(config, listener.name) if name not in served]
        supported = ", ".join(_MODULES)
        if not served:
            raise StartupError(
                f"listener {listener.name} has no mechanism that kbroker has: sasl.enabled.mechanisms is "
                f"{', '.join(left_out) or 'empty'}, and there are {supported}"
            )
        warnings += [
            f"listener {listener.name} is without {name}: there are {supported}" for name in left_out
        ]
        for mechanism in served:
            mechanism_settings(config, listener.name, mechanism)
    return warnings


def _enabled(config: BrokerConfig, listener: str) -> list[str]:
    return list(dict.fromkeys(config.for_listener(listener).list("sasl.enabled.mechanisms")))


def _check_handler(where: str, mechanism: str, values: TypedValues) -> None:
    handler = values.optional_str(_HANDLER)
    if handler and (
        not handler.startswith(_KAFKA_PACKAGE) or _handler_name(values) not in _HANDLERS[mechanism]
    ):
        raise StartupError(f"{where}{_HANDLER} is {handler!r}, but kbroker runs no Java: leave it out")


def _handler_name(values: TypedValues) -> str:
    return (values.optional_str(_HANDLER) or "").rpartition(".")[2]


def _login_module(
    config: BrokerConfig, values: TypedValues, where: str, listener: str, mechanism: str
) -> LoginModule | None:
    """The entry that is about a mechanism: its setting's, or else the JAAS file's."""
    text = values.optional_str(_JAAS)
    if text is not None:
        try:
            modules: Sequence[LoginModule] = parse_jaas(text)
        except JaasError as error:
            raise StartupError(f"{where}{_JAAS}: {error}") from None
    else:
        sections = config.login_sections
        modules = sections.get(f"{listener.lower()}.{SERVER}") or sections.get(SERVER) or []
    return next((module for module in modules if module.short_name == _MODULES[mechanism]), None)
