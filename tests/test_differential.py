"""Every recorded conversation with Apache Kafka, held with kbroker: the same answers, or a difference that is meant."""

from collections.abc import Iterator

import pytest
from differential.compare import deviations
from differential.comparison import Comparison, apis, scenarios_of, summary
from differential.differences import explanation
from differential.recording import fold, ranges, unfold, versions_in
from differential.running import running
from differential.scenario import all_scenarios
from harness.brokers import Kbroker

from kbroker.handlers import served_apis


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comparison]:
    def make() -> Kbroker:
        return Kbroker(tmp_path_factory.mktemp("differential") / "data")

    with running(make, all_scenarios()) as ports:
        yield Comparison(ports)


@pytest.mark.parametrize("api", apis())
def test_answers_as_apache_kafka_does(comparison: Comparison, api: str) -> None:
    unexplained = comparison.compare(scenarios_of(api, last=False))
    assert not unexplained, summary(unexplained)


@pytest.mark.parametrize("api", [api for api in apis() if scenarios_of(api, last=True)])
def test_answers_about_the_whole_broker_as_apache_kafka_does(comparison: Comparison, api: str) -> None:
    unexplained = comparison.compare(scenarios_of(api, last=True))
    assert not unexplained, summary(unexplained)


def test_every_difference_is_still_there(comparison: Comparison) -> None:
    """A difference that is gone must leave the list. Alone, this test holds all conversations first."""
    comparison.compare(each for each in all_scenarios() if each not in comparison.compared)
    assert not comparison.stale()


def test_every_version_of_every_served_api_is_recorded() -> None:
    held = {(scenario.api, version) for scenario in all_scenarios() for version in scenario.versions}
    served = {
        (api.module, version)
        for api in served_apis().values()
        for version in range(api.last + 1)
        if api.serves(version)
    }
    assert served <= held


def test_what_every_served_api_needs_to_be_allowed_is_recorded() -> None:
    tables = {scenario.name for scenario in all_scenarios() if scenario.is_table}
    assert {api.module for api in served_apis().values()} <= tables


def test_every_field_counts() -> None:
    recorded = {0: [{"step": "s", "answer": {"error_code": 0, "topics": [{"name": "t", "ids": [1, 2]}]}}]}
    held = {0: [{"step": "s", "answer": {"error_code": 3, "topics": [{"name": "t", "ids": [1, 4]}]}}]}
    found = deviations("an_api", "a_scenario", recorded, held)
    assert [(each.field, each.expected, each.got) for each in found] == [
        ("error_code", 0, 3),
        ("topics[].ids[]", 2, 4),
    ]
    assert not any(explanation(each) for each in found)
    assert not deviations("an_api", "a_scenario", recorded, recorded)


def test_a_conversation_that_takes_another_way_is_a_deviation() -> None:
    steps = [{"step": "one", "answer": "closed"}, {"step": "two", "answer": "closed"}]
    for other in (steps[:1], [*steps, steps[0]], steps[1:]):
        assert deviations("an_api", "a_scenario", {0: steps}, {0: other})


def test_folded_recordings_unfold_to_the_steps_of_each_version() -> None:
    one, two, three = ({"step": name, "answer": {}} for name in ("one", "two", "three"))
    runs = {0: [one, two], 1: [two], 2: [one, three, two, one]}
    folded = fold(runs)
    assert unfold(folded) == runs
    assert len(folded) == 4
    assert versions_in(ranges([-1, 0, 1, 2, 7])) == [-1, 0, 1, 2, 7]
