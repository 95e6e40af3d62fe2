"""ApiVersions: what is advertised, and versions and names that are wrong (KIP-511)."""

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.api_versions import ApiVersionsRequest

VERSIONS = range(5)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    run.ask(
        "a client with a name", ApiVersionsRequest, client_software_name="name", client_software_version="1.0"
    )
    for name, version in (
        ("", "1"),
        ("n", ""),
        ("a b", "1"),
        ("-a", "1"),
        ("a-", "1"),
        ("a.b-c", "1.0-x"),
        ("é", "1"),
        ("n", "v 1"),
    ):
        label = f"name {name!r}, version {version!r}"
        run.ask(label, ApiVersionsRequest, client_software_name=name, client_software_version=version)


@scenario([5, 100, -1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_error("a version not advertised", 18, run.version, b"\2a\2b\0", flexible=True)
