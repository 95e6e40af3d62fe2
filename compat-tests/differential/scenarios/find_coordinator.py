"""FindCoordinator: of groups and of transactions, one key or several."""

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.find_coordinator import FindCoordinatorRequest

VERSIONS = range(7)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    def find(label: str, *keys: str, kind: int = 0) -> None:
        if run.version >= 4:
            run.ask(label, FindCoordinatorRequest, coordinator_keys=list(keys), key_type=kind)
        else:
            run.ask(label, FindCoordinatorRequest, key=keys[0], key_type=kind)

    find("a group", run.name())
    find("an empty group id", "")
    if run.version >= 1:
        find("an empty transactional id", "", kind=1)
        find("a share group", "group:AAAAAAAAAAAAAAAAAAAAAA:0", kind=2)
        find("a share group's key that is malformed", "nonsense", kind=2)
        find("key type 3", run.name(), kind=3)
        find("key type -1", run.name(), kind=-1)
    if run.version >= 4:
        find("several", "a", "", "b")
        find("one twice", "a", "a")
        find("none")
        find("none of transactions", kind=1)


@scenario([1, 6])
def of_transactions(run: Conversation) -> None:
    def found(answer: object) -> bool:
        codes = [each.error_code for each in answer.coordinators] if run.version >= 4 else [answer.error_code]  # type: ignore[attr-defined]
        return not any(codes)

    key = {"coordinator_keys": [run.name()]} if run.version >= 4 else {"key": run.name()}
    run.ask("a transactional id", FindCoordinatorRequest, until=found, key_type=1, **key)


@scenario([7])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 10, run.version, bytes(20), flexible=True)
