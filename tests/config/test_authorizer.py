import pytest

from kbroker.config.authorizer import (
    OF_ZOOKEEPERS_DAYS,
    STANDARD_AUTHORIZER,
    AuthorizerSettings,
    authorizer_settings,
)
from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError


def settings(**given: str) -> AuthorizerSettings | None:
    return authorizer_settings(
        BrokerConfig.of({name.replace("_", "."): value for name, value in given.items()})
    )


def test_without_a_class_everyone_may_do_everything() -> None:
    assert settings() is None
    assert settings(authorizer_class_name=" ", super_users="User:a") is None


def test_super_users_and_what_holds_without_acls() -> None:
    assert settings(authorizer_class_name=STANDARD_AUTHORIZER) == AuthorizerSettings(frozenset(), False)
    given = {"authorizer_class_name": STANDARD_AUTHORIZER, "super_users": "User:a; User:CN=b,O=c:d ;;"}
    assert settings(**given) == AuthorizerSettings(frozenset({"User:a", "User:CN=b,O=c:d"}), False)


@pytest.mark.parametrize(("text", "allowed"), [("true", True), (" TRUE ", True), ("yes", False), ("", False)])
def test_whoever_is_not_named_may_do_everything_if_the_text_is_true(text: str, allowed: bool) -> None:
    given = {"authorizer.class.name": STANDARD_AUTHORIZER, "allow.everyone.if.no.acl.found": text}
    found = authorizer_settings(BrokerConfig.of(given))
    assert found is not None
    assert found.allow_if_no_acl is allowed


@pytest.mark.parametrize("name", OF_ZOOKEEPERS_DAYS)
def test_older_names_are_the_same_authorizer(name: str) -> None:
    assert settings(authorizer_class_name=name) == AuthorizerSettings(frozenset(), False)


def test_no_other_authorizer_is_there() -> None:
    with pytest.raises(StartupError, match="only org"):
        settings(authorizer_class_name="com.example.MyAuthorizer")


def test_a_super_user_that_is_no_principal_is_refused() -> None:
    with pytest.raises(StartupError, match="'bob' is no principal"):
        settings(authorizer_class_name=STANDARD_AUTHORIZER, super_users="User:a;bob")
