"""Holds the conversations with Apache Kafka and writes its answers to recordings/: `record.py [API …]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.brokers import ApacheKafka

from differential import recording
from differential.hold import STOPPED, Ports, hold_versions
from differential.running import running
from differential.scenario import Scenario, all_scenarios


def record(ports: Ports, scenarios: list[Scenario]) -> None:
    """Record these conversations, all of an API."""
    recorded: dict[str, dict[str, recording.Runs]] = {}
    for scenario in scenarios:
        runs = hold_versions(scenario, ports)
        for version, steps in runs.items():
            if steps[-1]["step"] == STOPPED:
                print(scenario.run_name(version), steps[-2:])
        recorded.setdefault(scenario.api, {})[scenario.name] = runs
        recording.write(scenario.api, recorded[scenario.api])


if __name__ == "__main__":
    apis = sys.argv[1:]
    wanted = [scenario for scenario in all_scenarios() if not apis or scenario.api in apis]
    with running(ApacheKafka, wanted) as ports:
        record(ports, wanted)
