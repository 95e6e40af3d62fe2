"""One trial: a broker, workers, faults, and the history of it all."""

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import define
from histories.events import merged
from histories.recorder import Recorder
from workloads.available import rates
from workloads.create import create_topics

from faults.broker import Broker
from faults.proxy import Proxy
from faults.schedule import Fault, schedule
from faults.worker import WorkerProcess

FIRST_WORK_S = 1.0  # before the first fault
QUIET_S = 1.0  # after the last one
POLL_S = 0.05
STOP_TIMEOUT_S, VERIFICATION_TIMEOUT_S = 60.0, 600.0
RUN = "faults"  # the process, as the history has it


@define
class Plan:
    """What is asked of a trial. It ends after `seconds`, or sooner once there were so many operations."""

    seed: int
    seconds: float
    operations: int | None
    kills: int
    rate: float
    workloads: Sequence[str]
    broker: Sequence[str]
    source: Path | None


class Trial:
    """Runs in a directory of its own, which then has `history.jsonl` and `broker.log`."""

    def __init__(self, plan: Plan, work: Path) -> None:
        self._plan, self._work = plan, work
        self._recorder = Recorder(work / "run.part")
        self._proxy = Proxy()
        self._broker = Broker(plan.broker, work, advertised=self._proxy.port, source=plan.source)
        self._proxy.target = self._broker.port
        self._workers: list[WorkerProcess] = []

    def run(self) -> Path:
        """Run it. Returns the path of the history. Raises RuntimeError if the broker can't even be started."""
        try:
            self._broker.start()
            self._broker.wait_until_ready()
            for workload in self._plan.workloads:
                create_topics(self._recorder, workload, self._broker.port)
            for index, (workload, rate) in enumerate(rates(self._plan.workloads, self._plan.rate).items()):
                self._workers.append(self._worker(workload, index, rate))
            time.sleep(FIRST_WORK_S)
            self._disturb()
            self._settle()
        finally:
            for worker in self._workers:
                worker.kill()
            self._broker.kill()
            self._proxy.close()
        return self._collect()

    def _worker(self, workload: str, index: int, rate: float, *arguments: str) -> WorkerProcess:
        return WorkerProcess(
            workload,
            self._work,
            *arguments,
            seed=self._plan.seed,
            proxy=self._proxy.port,
            direct=self._broker.port,
            first_producer=1 + 100 * index,
            rate=rate,
        )

    def _disturb(self) -> None:
        """Bring about the faults in their time."""
        started = time.monotonic()
        due = started
        for fault in schedule(self._plan.seed, self._plan.seconds, self._plan.kills):
            due += fault.after
            while time.monotonic() < due:
                if time.monotonic() > started + self._plan.seconds or self._done():
                    return
                time.sleep(min(POLL_S, max(0.0, due - time.monotonic())))
            self._bring_about(fault)

    def _done(self) -> bool:
        wanted = self._plan.operations
        return wanted is not None and sum(worker.counted for worker in self._workers) >= wanted

    def _bring_about(self, fault: Fault) -> None:
        if not self._broker.runs():
            self._recorder.info(RUN, "stuck", what="the broker ended by itself")
            self._broker.start()
        if fault.kind == "kill":
            self._broker.kill()
            self._recorder.info(RUN, "kill")
            self._broker.start()
        elif fault.kind == "pause":
            self._recorder.info(RUN, "pause", seconds=fault.seconds)
            self._broker.pause(fault.seconds)
        elif fault.kind == "cut":
            self._recorder.info(RUN, "cut")
            self._proxy.cut(fault.which)
        else:
            self._recorder.info(RUN, "cut_all")
            self._proxy.cut()

    def _settle(self) -> None:
        """Without faults let the workers end, and read everything."""
        try:
            self._broker.wait_until_ready()
        except RuntimeError as error:
            self._recorder.info(RUN, "stuck", what=str(error))
            return
        time.sleep(QUIET_S)
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            self._await(worker, STOP_TIMEOUT_S)
        verification = self._worker("verification", len(self._workers), 1.0, *self._plan.workloads)
        self._workers.append(verification)
        verification.stop()
        self._await(verification, VERIFICATION_TIMEOUT_S)

    def _await(self, worker: WorkerProcess, seconds: float) -> None:
        try:
            worker.wait(seconds)
        except subprocess.TimeoutExpired:
            self._recorder.info(RUN, "stuck", what=f"{worker.name} did not end within {seconds:.0f} s")

    def _collect(self) -> Path:
        self._recorder.close()
        history = self._work / "history.jsonl"
        parts = sorted(self._work.glob("*.part"))
        with contextlib.ExitStack() as files, history.open("w") as whole:
            whole.writelines(merged([files.enter_context(part.open()) for part in parts]))
        for part in parts:
            part.unlink()
        return history


def lines(history: Path) -> Iterator[str]:
    """A history's lines."""
    with history.open() as file:
        yield from file
