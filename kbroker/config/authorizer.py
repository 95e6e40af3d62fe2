"""The authorizer's settings, of which `authorizer.class.name` alone is the broker's own.

- no class: everyone may do everything
- StandardAuthorizer: `super.users` as `User:a;User:b`, and `allow.everyone.if.no.acl.found`
- its predecessors: the same, for compose files that are older than Apache Kafka 4, which refuses their names
"""

from attrs import frozen

from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError

STANDARD_AUTHORIZER = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
OF_ZOOKEEPERS_DAYS = ("kafka.security.authorizer.AclAuthorizer", "kafka.security.auth.SimpleAclAuthorizer")


@frozen
class AuthorizerSettings:
    """What StandardAuthorizer is configured with. Principals are `Type:name`."""

    super_users: frozenset[str]
    allow_if_no_acl: bool


def authorizer_settings(config: BrokerConfig) -> AuthorizerSettings | None:
    """The settings of the authorizer, if there shall be one. Raises StartupError."""
    name = config.str("authorizer.class.name").strip()
    if not name:
        return None
    if name not in (STANDARD_AUTHORIZER, *OF_ZOOKEEPERS_DAYS):
        raise StartupError(f"authorizer.class.name is {name}, but only {STANDARD_AUTHORIZER} is there")
    allow = config.given("allow.everyone.if.no.acl.found") or ""
    return AuthorizerSettings(_super_users(config), allow.strip().lower() == "true")


def _super_users(config: BrokerConfig) -> frozenset[str]:
    principals = [one.strip() for one in (config.given("super.users") or "").split(";")]
    for principal in principals:
        if principal and ":" not in principal:
            raise StartupError(
                f"super.users: {principal!r} is no principal: they look like User:alice, with semicolons between them"
            )
    return frozenset(principal for principal in principals if principal)
