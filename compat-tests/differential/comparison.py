"""Hold conversations with a broker and compare its answers with Apache Kafka's."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from attrs import define, field

from differential import recording
from differential.compare import Deviation, deviations
from differential.differences import DIFFERENCES, Difference, explanation
from differential.hold import Ports, hold_versions
from differential.recording import Runs
from differential.scenario import Scenario, all_scenarios
from kbroker.handlers import served_apis
from kbroker.protocol.apis import APIS

Recorded = Callable[[Scenario], Runs]


def from_recordings(scenario: Scenario) -> Runs:
    """What Apache Kafka answered when it was recorded."""
    runs = recording.read(scenario.api).get(scenario.name, {})
    assert runs.keys() == set(scenario.versions), f"{scenario.api}: record it again"
    return runs


@define
class Comparison:
    """Deviations so far: those that are meant are counted by the difference they are instances of."""

    ports: Ports
    recorded: Recorded = from_recordings
    steps: int = 0
    meant: Counter[Difference] = field(factory=Counter)
    compared: list[Scenario] = field(factory=list)

    def compare(self, scenarios: Iterable[Scenario]) -> list[Deviation]:
        """Hold these conversations; return the deviations that no difference explains."""
        found: list[Deviation] = []
        for scenario in filter(is_comparable, scenarios):
            held = hold_versions(scenario, self.ports)
            self.compared.append(scenario)
            self.steps += sum(len(steps) for steps in held.values())
            for deviation in deviations(scenario.api, scenario.name, self.recorded(scenario), held):
                if difference := explanation(deviation):
                    self.meant[difference] += 1
                else:
                    found.append(deviation)
        return found

    def stale(self) -> list[Difference]:
        """Differences that nothing was an instance of: after a whole run they have to go."""
        return [each for each in DIFFERENCES if not self.meant[each]]


def is_comparable(scenario: Scenario) -> bool:
    """Whether kbroker serves what a conversation is about, as far as that is an API's name."""
    served = {api.module for api in served_apis().values()}
    known = {api.module for api in APIS.values()}
    return not (scenario.about & known) - served


def apis() -> list[str]:
    """The APIs there are scenarios of."""
    return sorted({scenario.api for scenario in all_scenarios()})


def scenarios_of(api: str, *, last: bool) -> list[Scenario]:
    """One API's scenarios that change or look at the whole broker, or those that do not."""
    return [each for each in all_scenarios() if each.api == api and each.last is last]


def summary(found: Sequence[Deviation]) -> str:
    """Deviations with their versions folded, a line for each."""
    folded: dict[tuple[str, ...], list[int]] = {}
    for each in found:
        key = (f"{each.api}/{each.scenario}", each.step, each.field, str(each.expected), str(each.got))
        folded.setdefault(key, []).append(each.version)
    return "\n".join(
        f"{where} v{recording.ranges(versions)}, {step}: {name or 'the answer'}: "
        f"Apache Kafka {expected[:200]}, kbroker {got[:200]}"
        for (where, step, name, expected, got), versions in folded.items()
    )
