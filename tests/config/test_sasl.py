"""SASL listeners' settings."""

import pytest

from kbroker.config.broker_config import BrokerConfig, StaticValue
from kbroker.config.jaas import LoginModule, parse_jaas_file
from kbroker.config.listeners import Listener
from kbroker.config.sasl import check_sasl, enabled_mechanisms, mechanism_settings
from kbroker.config.security_protocol import SecurityProtocol
from kbroker.errors import StartupError

PACKAGE = "org.apache.kafka.common.security"
PLAIN = f'{PACKAGE}.plain.PlainLoginModule required user_alice="wonder"'
LISTENERS = [
    Listener("PLAINTEXT", "", 1),
    Listener("EXT", "", 2, security_protocol=SecurityProtocol.SASL_PLAINTEXT),
]
OWN = "listener.name.ext."


def config(login: str = "", **settings: str) -> BrokerConfig:
    given = {name.replace("__", "-").replace("_", "."): value for name, value in settings.items()}
    static = {name: StaticValue(text, "given") for name, text in given.items()}
    return BrokerConfig(static, parse_jaas_file(login))


def of(**settings: str) -> BrokerConfig:
    return config(**{"sasl_enabled_mechanisms": "PLAIN", **settings})


def test_users_of_a_listener_and_mechanism() -> None:
    for name in (
        "listener.name.ext.plain.sasl.jaas.config",
        "listener.name.ext.sasl.jaas.config",
        "sasl.jaas.config",
    ):
        settings = mechanism_settings(of(**{name.replace(".", "_"): PLAIN + ";"}), "EXT", "PLAIN")
        assert settings.passwords == {"alice": "wonder"}
        assert "wonder" not in repr(settings)


def test_the_setting_wins_over_the_file_and_the_listeners_section_over_the_common_one() -> None:
    file = (
        f"KafkaServer {{ {PACKAGE}.scram.ScramLoginModule required; {PACKAGE}.plain.PlainLoginModule required "
        f'user_all="1"; }}; ext.KafkaServer {{ {PACKAGE}.plain.PlainLoginModule required user_ext="2"; }};'
    )
    assert mechanism_settings(config(file), "OTHER", "PLAIN").passwords == {"all": "1"}
    assert mechanism_settings(config(file), "EXT", "PLAIN").passwords == {"ext": "2"}
    own = config(file, listener_name_ext_plain_sasl_jaas_config=PLAIN + ";")
    assert mechanism_settings(own, "EXT", "PLAIN").passwords == {"alice": "wonder"}


def test_mechanisms_of_a_listener() -> None:
    settings = of(
        listener_name_ext_sasl_enabled_mechanisms="SCRAM-SHA-512,GSSAPI,OAUTHBEARER,SCRAM-SHA-512".replace(
            ",SCRAM-SHA-512", ""
        )
    )
    assert enabled_mechanisms(settings, "EXT") == ["SCRAM-SHA-512", "OAUTHBEARER"]
    assert enabled_mechanisms(settings, "OTHER") == ["PLAIN"]


def test_sessions_by_mechanism() -> None:
    settings = config(
        connections_max_reauth_ms="5", listener_name_ext_scram__sha__256_connections_max_reauth_ms="7"
    )
    assert mechanism_settings(settings, "EXT", "SCRAM-SHA-256").max_session_ms == 7
    assert mechanism_settings(settings, "EXT", "SCRAM-SHA-512").max_session_ms == 5


def test_gssapi_is_left_out_with_a_warning() -> None:
    settings = of(sasl_enabled_mechanisms="GSSAPI,SCRAM-SHA-256")
    [warning] = check_sasl(settings, LISTENERS)
    assert "GSSAPI" in warning
    assert check_sasl(of(), LISTENERS[:1]) == []


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (config(), "GSSAPI"),
        (config(sasl_enabled_mechanisms=""), "empty"),
        (of(), "PLAIN needs users"),
        (
            of(sasl_jaas_config="wonder"),
            "listener.name.ext.plain.sasl.jaas.config: a login module has no control flag",
        ),
        (of(sasl_jaas_config=PLAIN), "does not end with a semicolon"),
        (of(sasl_jaas_config="a.ScramLoginModule required;"), "PLAIN needs users"),
        (
            of(sasl_jaas_config=PLAIN + ";", sasl_server_callback_handler_class="com.acme.Handler"),
            "'com.acme.Handler', but kbroker runs no Java",
        ),
        (config(sasl_enabled_mechanisms="OAUTHBEARER"), "OAUTHBEARER needs"),
        (
            config(
                sasl_enabled_mechanisms="OAUTHBEARER",
                sasl_server_callback_handler_class=f"{PACKAGE}.oauthbearer.OAuthBearerValidatorCallbackHandler",
            ),
            "jwks.endpoint.url is not set",
        ),
    ],
)
def test_what_nobody_could_log_in_with_is_told_at_start(settings: BrokerConfig, says: str) -> None:
    with pytest.raises(StartupError) as raised:
        check_sasl(settings, LISTENERS)
    assert says in str(raised.value)


def test_tokens_signed_and_not() -> None:
    unsigned = config(
        sasl_enabled_mechanisms="OAUTHBEARER",
        sasl_jaas_config=f"{PACKAGE}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=a;",
    )
    assert not mechanism_settings(unsigned, "EXT", "OAUTHBEARER").signed_tokens
    url = "listener.name.ext.oauthbearer.sasl.oauthbearer.jwks.endpoint.url"
    signed = config(**{url.replace(".", "_"): "file:///keys"})
    found = mechanism_settings(signed, "EXT", "OAUTHBEARER")
    assert found.signed_tokens
    assert found.values.str("sasl.oauthbearer.jwks.endpoint.url") == "file:///keys"


def test_a_login_module_is_found_by_its_class() -> None:
    assert LoginModule("a.b.PlainLoginModule", {}).short_name == "PlainLoginModule"
