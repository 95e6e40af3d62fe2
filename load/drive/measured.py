"""One scenario against one broker: what the broker held, and how a well-behaved client fared beside the load."""

import tempfile
import time
from pathlib import Path
from types import ModuleType

import attrs
import trio
from bench.targets import DefaultKbroker
from bench.wire import Connection, create_topics

from drive.process import forget_peak, usage
from drive.worker import LOAD, Worker

WITNESSED = "witnessed"
MEMORY_MIB = 512.0
COMES_BACK = 1.2  # times the memory of before
COMES_BACK_S = 60.0  # sessions of groups end after 45 seconds
MOST_STAYS = 2.0  # times the memory of before, in any case
GROWS_NO_MORE = 1.05  # times the memory after the load, when the same load has been there once more
P99_MS, LONGEST_MS = 250.0, 2_000.0
WARM_UP_S = 0.5  # the first requests compile what they need


@attrs.frozen
class Bounds:
    """What is right.

    p99_ms, longest_ms: a Produce and a Fetch of a well-behaved client together
    comes_back: memory after the load, in times of that before it. More may stay, up to MOST_STAYS, if the same load
        once more adds nothing to it (GROWS_NO_MORE)
    """

    comes_back: float = COMES_BACK
    p99_ms: float = P99_MS
    longest_ms: float = LONGEST_MS


@attrs.frozen
class Measured:
    """A scenario's figures: MiB of memory, ms of latency `alone` and `beside` the load, which `did` that a second.

    again: memory after the load was there once more, which it is if too much stays of the first time
    """

    title: str
    idle: float
    peak: float
    after: float
    again: float | None
    cpu: float
    alone: dict[str, float]
    beside: dict[str, float]
    did: dict[str, float]
    faults: list[str]

    def broken(self, bounds: Bounds) -> list[str]:
        """Which bounds were broken, in words."""
        found = [f"the broker logged: {fault}" for fault in self.faults[:3]]
        if self.peak > MEMORY_MIB:
            found.append(f"{self.peak:.0f} MiB of memory, at most {MEMORY_MIB:.0f} are right")
        too_much = max(self.after, self.again or 0.0) > self.idle * MOST_STAYS
        if too_much or (self.again is not None and self.again > self.after * GROWS_NO_MORE):
            once_more = "" if self.again is None else f", {self.again:.0f} after it was there once more"
            found.append(f"{self.after:.0f} MiB after the load{once_more}, {self.idle:.0f} before it")
        for name, most in (("p99", bounds.p99_ms), ("max", bounds.longest_ms)):
            if not self.beside[name] <= most:
                found.append(
                    f"a well-behaved client's {name} is {self.beside[name]:.0f} ms, at most {most:.0f} are right"
                )
        return found


class ThrottledKbroker(DefaultKbroker):
    """kbroker with its defaults on a slow disk."""

    def __init__(self, data_dir: Path, bytes_a_second: float) -> None:
        super().__init__(data_dir)
        self._rate = bytes_a_second

    def _command(self) -> list[str | Path]:
        python, _, _, *serve = super()._command()
        return [python, LOAD / "drive" / "throttled_broker.py", str(self._rate), *serve]


@attrs.frozen
class Trial:
    """A scenario to be measured: the module `scenarios.{name}`, for how long, and with how many times its clients."""

    name: str
    scenario: ModuleType
    seconds: float
    scale: float

    def measure(self) -> Measured:
        """Run it against a broker of its own with default settings."""
        with tempfile.TemporaryDirectory(prefix=f"kbroker-load-{self.name}-") as parent:
            data, disk = Path(parent) / "data", getattr(self.scenario, "DISK", None)
            broker = ThrottledKbroker(data, disk) if disk else DefaultKbroker(data)
            workers: list[Worker] = []
            with broker:
                try:
                    return self._measure(broker, workers)
                finally:
                    for worker in workers:
                        worker.kill()
                    broker.kill()  # to sync the files of thousands of partitions takes its time, and tells nothing here

    def _measure(self, broker: DefaultKbroker, workers: list[Worker]) -> Measured:
        assert broker.process is not None
        pid = broker.process.pid
        Connection(broker.port).ask(create_topics({WITNESSED: 1}))
        trio.run(self.scenario.prepare, broker.port, self.scale)
        witness = Worker("drive.witness", port=broker.port, topic=WITNESSED)
        workers.append(witness)
        witness.wait_until_ready()
        time.sleep(WARM_UP_S)
        witness.figures()
        alone = observed(witness, self.seconds / 4)
        idle = usage(pid)
        forget_peak(pid)
        load = self._load(broker.port, workers)
        load.figures(), witness.figures()
        before = usage(pid)
        beside = observed(witness, self.seconds)
        did, now = load.figures(), usage(pid)
        load.end()
        enough = idle.rss * getattr(self.scenario, "BOUNDS", Bounds()).comes_back
        after, again = come_back(pid, enough), None
        if after > enough:
            load = self._load(broker.port, workers)
            time.sleep(self.seconds)
            load.end()
            again = come_back(pid, after * GROWS_NO_MORE)
        witness.end()
        return Measured(
            title=self.scenario.TITLE,
            idle=idle.rss,
            peak=now.peak,
            after=after,
            again=again,
            cpu=(now.cpu - before.cpu) / self.seconds,
            alone=alone,
            beside=beside,
            did={what: count / self.seconds for what, count in did.items()},
            faults=[
                line for line in broker.log_text().splitlines() if " ERROR " in line or "Traceback" in line
            ],
        )

    def _load(self, port: int, workers: list[Worker]) -> Worker:
        load = Worker(f"scenarios.{self.name}", port=port, scale=self.scale)
        workers.append(load)
        load.wait_until_ready()
        return load


def observed(witness: Worker, seconds: float) -> dict[str, float]:
    """What a well-behaved client has in so much time: `rate` is in rounds a second."""
    time.sleep(seconds)
    figures = witness.figures()
    return figures | {"rate": figures.get("rounds", 0) / seconds}


def come_back(pid: int, mib: float) -> float:
    """Wait for a process to hold no more than that; returns what it holds then, or in the end."""
    until = time.monotonic() + COMES_BACK_S
    while (now := usage(pid).rss) > mib and time.monotonic() < until:
        time.sleep(0.5)
    return now
