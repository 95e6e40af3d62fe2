"""DeleteAcls: one filter and several, that overlap, match nothing or can't be read."""

from typing import Any

from differential.authorization import create_acls, entry
from differential.conversation import Conversation
from differential.scenario import scenario
from differential.scenarios.describe_acls import ANY, describe
from kbroker.protocol.delete_acls import DeleteAclsRequest

VERSIONS = range(1, 4)


def delete(run: Conversation, label: str, *filters: dict[str, Any]) -> Any:
    return run.ask(label, DeleteAclsRequest, filters=[ANY | each for each in filters])


@scenario(VERSIONS)
def without_an_authorizer(run: Conversation) -> None:
    delete(run, "all", {})
    delete(run, "two", {"host_filter": "h"}, {"host_filter": "i"})
    delete(run, "none")
    delete(run, "an unknown operation", {"operation": 99})


@scenario(VERSIONS, guarded=True)
def with_an_authorizer(run: Conversation) -> None:
    name, host = run.name(), f"host-{run.name()}"
    all_of_it = [
        entry(2, host, 3, name=f"{name}-one"),
        entry(2, host, 4, name=f"{name}-one"),
        entry(2, host, 3, name=name, pattern=4),
        entry(3, host, 3, name=f"{name}-one"),
    ]
    create_acls(run, *all_of_it)
    mine = {"host_filter": host}
    delete(run, "none")
    delete(run, "nothing matches", {"host_filter": "nowhere"})
    delete(run, "one", mine | {"operation": 4})
    delete(run, "it again", mine | {"operation": 4})
    delete(
        run,
        "two that overlap",
        mine | {"resource_type_filter": 3},
        mine | {"resource_name_filter": f"{name}-one"},
    )
    create_acls(run, *all_of_it)
    delete(run, "the same twice", mine | {"operation": 4}, mine | {"operation": 4})
    delete(
        run,
        "what applies to a name",
        mine | {"resource_type_filter": 2, "resource_name_filter": f"{name}-x", "pattern_type_filter": 2},
    )
    for field in ("resource_type_filter", "pattern_type_filter", "operation", "permission_type"):
        for number in (0, 99, -1):
            delete(run, f"{field} {number}", mine | {field: number})
    delete(run, "all that is left", mine)
    describe(run, "nothing is left", host_filter=host)


@scenario([0, 4])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 31, run.version, bytes(20), flexible=run.version > 1)
