"""Holds the conversations with Apache Kafka and writes its answers to recordings/: `record.py [API …]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.brokers import ApacheKafka

from differential import recording
from differential.hold import STOPPED, hold_versions, prepare
from differential.scenario import all_scenarios
from differential.settings import configured


def record(port: int, apis: list[str]) -> None:
    """Record these APIs, all if none is named."""
    recorded: dict[str, dict[str, recording.Runs]] = {}
    prepare(port)
    for scenario in all_scenarios():
        if apis and scenario.api not in apis:
            continue
        runs = hold_versions(scenario, port)
        for version, steps in runs.items():
            if steps[-1]["step"] == STOPPED:
                print(scenario.run_name(version), steps[-2:])
        recorded.setdefault(scenario.api, {})[scenario.name] = runs
        recording.write(scenario.api, recorded[scenario.api])


if __name__ == "__main__":
    with configured(ApacheKafka()) as broker:
        record(broker.port, sys.argv[1:])
