"""What is open to clients that prove nothing about who they are, in a line for the log; how to close it, too.

Loopback is left out: whoever is on this machine is meant. So is a listener whose clients show a certificate or log in,
unless it believes whatever they say, and one that an authorizer lets clients without a name do nothing on of itself.
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.listeners import Listener

_ANONYMOUS = "User:ANONYMOUS"


def exposures(
    config: BrokerConfig, bound: Mapping[Listener, Sequence[str]], *, in_container: bool
) -> list[str]:
    """A line for each kind of opening there is. `bound` has the addresses that each listener is bound to.

    In a container all addresses are its own, so the line is about its network and what it publishes.
    """
    reachable = [listener for listener, addresses in bound.items() if not all(map(_is_loopback, addresses))]
    if not reachable:
        return []
    lines = []
    allowed = _allowed_to_anonymous(config)
    if allowed and (unasked := [one for one in reachable if not _asks_who(config, one)]):
        lines.append(
            f"{_whoever_reaches(unasked, in_container=in_container)} may {allowed} without saying who they are: "
            f"to change that, {_nearer(in_container=in_container)}, or have clients log in (a SASL listener) or show "
            "a certificate (an SSL listener with ssl.client.auth=required)"
        )
    if credulous := [one for one in reachable if _believes_anything(config, one)]:
        lines.append(
            f"{_whoever_reaches(credulous, in_container=in_container)} may log in under any name, since unsigned "
            f"tokens of OAUTHBEARER are accepted: to change that, {_nearer(in_container=in_container)}, or set "
            "sasl.oauthbearer.jwks.endpoint.url"
        )
    return lines


def _is_loopback(address: str) -> bool:
    parsed = ip_address(address.partition("%")[0])
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def _allowed_to_anonymous(config: BrokerConfig) -> str:
    """What may be done without a name; nothing where that takes an ACL that allows it."""
    from kbroker.config.authorizer import authorizer_settings

    authorizer = authorizer_settings(config)
    if authorizer is None or _ANONYMOUS in authorizer.super_users:
        return "read, change and delete everything"
    return "read, change and delete whatever has no ACL" if authorizer.allow_if_no_acl else ""


def _asks_who(config: BrokerConfig, listener: Listener) -> bool:
    protocol = listener.security_protocol
    if protocol.uses_sasl:
        return True
    return protocol.uses_tls and config.for_listener(listener.name).str("ssl.client.auth") == "required"


def _believes_anything(config: BrokerConfig, listener: Listener) -> bool:
    """Whether a SASL listener accepts tokens that anyone can write."""
    if not listener.security_protocol.uses_sasl:
        return False
    from kbroker.config.sasl import OAUTHBEARER, enabled_mechanisms, mechanism_settings

    return (
        OAUTHBEARER in enabled_mechanisms(config, listener.name)
        and not mechanism_settings(config, listener.name, OAUTHBEARER).signed_tokens
    )


def _whoever_reaches(listeners: Sequence[Listener], *, in_container: bool) -> str:
    names = ", ".join(listener.name for listener in listeners)
    what = f"listener {names}" if len(listeners) == 1 else f"one of the listeners {names}"
    where = " through this container's network or a port that it publishes" if in_container else ""
    return f"whoever reaches {what}{where}"


def _nearer(*, in_container: bool) -> str:
    if in_container:
        return "publish ports to this machine alone (127.0.0.1:9092:9092)"
    return "listen on this machine alone (--listeners PLAINTEXT://localhost:9092)"
