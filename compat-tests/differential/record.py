"""Holds the conversations with Apache Kafka and writes its answers to recordings/: `record.py PORT [API …]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from differential import recording
from differential.hold import STOPPED, hold_all
from differential.scenario import all_scenarios


def record(port: int, apis: list[str]) -> None:
    """Record these APIs, all if none is named."""
    recorded: dict[str, dict[str, recording.Runs]] = {}
    for scenario, version, steps in hold_all((s for s in all_scenarios() if not apis or s.api in apis), port):
        recorded.setdefault(scenario.api, {}).setdefault(scenario.name, {})[version] = steps
        for step in steps:
            if step["step"] == STOPPED:
                print(scenario.run_name(version), step)
    for api, scenarios in recorded.items():
        recording.write(api, scenarios)


if __name__ == "__main__":
    record(int(sys.argv[1]), sys.argv[2:])
