"""The workloads, and which interpreter runs each."""

import sys
from collections.abc import Sequence
from pathlib import Path

CONFLUENT_KAFKA = "2.16.1"
WORKLOADS = ("raw_records", "raw_coordinated", "python_client", "confluent_client")
MOST_RATES = {"python_client": 250.0, "confluent_client": 600.0}
"""Operations a second that clients in Python can do beside others."""


def interpreter(workload: str) -> Path:
    """This one, which has kafka-python; for confluent-kafka one that is made at first use.

    Raises AbsentError or RuntimeError of harness.toolchains if it can't be installed.
    """
    if workload != "confluent_client":
        return Path(sys.executable)
    from harness.toolchains import python_venv

    return python_venv("bench-clients", f"confluent-kafka=={CONFLUENT_KAFKA}")


def available() -> list[str]:
    """The workloads whose clients are there, or can be installed. Says which can't."""
    found = []
    for name in WORKLOADS:
        try:
            interpreter(name)
        except Exception as error:  # noqa: BLE001 -- of an installer
            print(f"{name} is left out: {error}")
        else:
            found.append(name)
    return found


def rates(workloads: Sequence[str], rate: float) -> dict[str, float]:
    """Operations a second for each: what clients in Python can't do is left to the others."""
    slow = {name: min(rate / len(workloads), MOST_RATES[name]) for name in workloads if name in MOST_RATES}
    others = [name for name in workloads if name not in slow]
    return {name: slow.get(name) or (rate - sum(slow.values())) / len(others) for name in workloads}
