"""Holds the conversations with Apache Kafka and writes its answers to recordings/: `record.py [API …]`."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.brokers import ApacheKafka

from differential import recording
from differential.hold import STOPPED, hold, prepare
from differential.scenario import all_scenarios
from differential.settings import configured


def record(port: int, apis: list[str]) -> None:
    """Record these APIs, all if none is named."""
    recorded: dict[str, dict[str, recording.Runs]] = {}
    prepare(port)
    for scenario in all_scenarios():
        if apis and scenario.api not in apis:
            continue
        for version in scenario.versions:
            started = time.monotonic()
            steps = hold(scenario, version, port)
            recorded.setdefault(scenario.api, {}).setdefault(scenario.name, {})[version] = steps
            if (took := time.monotonic() - started) > 2:
                silent = [step["step"] for step in steps if step["answer"] == "no answer"]
                print(f"{scenario.run_name(version)} took {took:.1f} s; no answer to {silent}")
            if steps and steps[-1]["step"] == STOPPED:
                print(scenario.run_name(version), steps[-2:])
        recording.write(scenario.api, recorded[scenario.api])


if __name__ == "__main__":
    with configured(ApacheKafka()) as broker:
        record(broker.port, sys.argv[1:])
