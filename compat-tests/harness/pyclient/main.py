"""Runs the checks of one phase through an adapter, printing PASS, FAIL or SKIP for each."""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.pyclient.adapter import Adapter, Consumer, NotOfferedError, Record
from harness.report import describe

# Longer than a rebalance takes. kafka-python 3's leader, when it rejoins because it has just learnt of a topic's
# partitions, forgets a JoinGroup that outlasts the poll it was sent in: see kafka-python/FINDINGS.md.
POLL_S = 2.0


@dataclass
class Context:
    """What a check is given."""

    client: Adapter
    prefix: str

    def name(self, suffix: str) -> str:
        """A topic or group name of this run's own."""
        return f"{self.prefix}-{suffix}"

    def create_topic(self, name: str, partitions: int, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until it shows: Apache Kafka answers a moment before that."""
        self.client.create_topic(name, partitions, config)
        eventually(lambda: self.client.partitions(name) == partitions, f"{partitions} partitions")

    def expect_error(self, code: int, call: Callable[[], object]) -> None:
        """Demand that a call fails with this Kafka error code."""
        try:
            call()
        except NotOfferedError:
            raise
        except Exception as error:  # any library's error class, judged by its code
            got = self.client.code_of(error)
            if got != code:
                raise AssertionError(f"error {got} instead of {code}: {error!r}") from error
        else:
            raise AssertionError(f"no error, expected {code}")


CheckFunction = Callable[[Context], None]
CHECKS: dict[str, list[tuple[str, bool, CheckFunction]]] = {"main": [], "before": [], "after": []}


def check(name: str, phase: str = "main", *, quick: bool = False) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check; `quick` ones are in the short subset too."""

    def register(function: CheckFunction) -> CheckFunction:
        CHECKS[phase].append((name, quick, function))
        return function

    return register


def read(consumer: Consumer, count: int, seconds: float = 30) -> list[Record]:
    """Poll until there are this many records, then look a moment longer for any that should not be there."""
    records: list[Record] = []
    deadline = time.monotonic() + seconds
    while len(records) < count:
        assert time.monotonic() < deadline, f"{len(records)} of {count} records after {seconds} s"
        records += consumer.poll(POLL_S)
    return records + consumer.poll(0.2)


def equal(got: object, wanted: object, what: str) -> None:
    """Demand equality, and say both sides if not."""
    assert got == wanted, f"{what}: got {got!r:.300}, want {wanted!r:.300}"


def eventually(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def main(adapter: Callable[[str], Adapter]) -> None:
    """The program of a client folder's adapter.py."""
    # Importing them registers them, in this order.
    from harness.pyclient import admin_checks, group_checks, record_checks, restart_checks  # noqa: F401

    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--prefix", default="compat")
    parser.add_argument("--phase", choices=CHECKS, default="main")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="run checks with this in their name")
    options = parser.parse_args()
    client = adapter(options.bootstrap)
    for name, quick, function in CHECKS[options.phase]:
        if (options.quick and not quick) or options.only not in name:
            continue
        try:
            function(Context(client, options.prefix))
        except NotOfferedError:
            print(f"SKIP {name}", flush=True)
        except Exception as error:  # noqa: BLE001 a check may fail in any way and the next ones still run
            print(f"FAIL {name}: {describe(error)}", flush=True)
        else:
            print(f"PASS {name}", flush=True)
    client.close()
