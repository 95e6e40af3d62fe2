"""One trial: a broker, workers, faults, and the history of it all."""

import contextlib
import signal
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
LEAST_WORK_S = 0.2  # of the broker between its start and the next fault
MOST_TIMES_AS_LONG = 4.0
POLL_S = 0.05
STOP_TIMEOUT_S, VERIFICATION_TIMEOUT_S = 60.0, 600.0
RUN = "faults"  # the process, as the history has it


@define
class Plan:
    """What is asked of a trial. It ends after `seconds`, or with `operations` once there were so many.

    `seconds` then is how long that is expected to take, which spaces the faults; some times as long is the most.
    """

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
        """Run it. Returns the path of the history. Raises RuntimeError if the broker can't even begin."""
        try:
            self._broker.start()
            self._broker.wait_until_ready()
            self._create_topics()
            for index, (workload, rate) in enumerate(rates(self._plan.workloads, self._plan.rate).items()):
                self._workers.append(self._worker(workload, index, rate))
            time.sleep(FIRST_WORK_S)
            try:
                self._disturb()
                self._broker.wait_until_ready()
            except RuntimeError as error:
                self._recorder.info(RUN, "stuck", what=str(error))
            else:
                self._settle()
        finally:
            for worker in self._workers:
                worker.kill()
            self._broker.kill()
            self._proxy.close()
        return self._collect()

    def _create_topics(self) -> None:
        for workload in self._plan.workloads:
            try:
                create_topics(self._recorder, workload, self._broker.port)
            except Exception as error:
                raise RuntimeError(f"topics can't be created: {type(error).__name__}: {error}") from error

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
        started = due = time.monotonic()
        for fault in schedule(self._plan.seed, self._plan.seconds, self._plan.kills):
            due += fault.after
            if not fault.in_start:
                self._broker.wait_until_ready()
                due = max(due, time.monotonic() + LEAST_WORK_S)
            while time.monotonic() < due:
                if self._done(time.monotonic() - started):
                    return
                time.sleep(min(POLL_S, max(0.0, due - time.monotonic())))
            self._bring_about(fault)

    def _done(self, elapsed: float) -> bool:
        wanted = self._plan.operations
        if wanted is None:
            return elapsed > self._plan.seconds
        counted = sum(worker.counted for worker in self._workers)
        return counted >= wanted or elapsed > MOST_TIMES_AS_LONG * self._plan.seconds

    def _bring_about(self, fault: Fault) -> None:
        if fault.kind == "kill":
            self._broker.kill()
            self._recorder.info(RUN, "kill")
            self._broker.start()
        elif fault.kind == "pause":
            self._recorder.info(RUN, "pause", seconds=fault.seconds)
            self._broker.pause(fault.seconds)
        elif fault.kind == "restart":
            self._restart()
        elif fault.kind == "cut":
            self._recorder.info(RUN, "cut")
            self._proxy.cut(fault.which)
        else:
            self._recorder.info(RUN, "cut_all")
            self._proxy.cut()

    def _settle(self) -> None:
        """Without faults let the workers end, and read everything."""
        time.sleep(QUIET_S)
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            self._await(worker, STOP_TIMEOUT_S)
        self._restart()
        verification = self._worker("verification", len(self._workers), 1.0, *self._plan.workloads)
        self._workers.append(verification)
        verification.stop()
        self._await(verification, VERIFICATION_TIMEOUT_S)

    def _restart(self) -> None:
        """Stop the broker properly, and start it again."""
        began = time.monotonic()
        status = self._broker.stop()
        self._recorder.info(RUN, "restart", seconds=round(time.monotonic() - began, 3))
        if status not in {0, -signal.SIGTERM}:  # the latter early in its start
            self._recorder.info(RUN, "stuck", what=f"the broker's stop ended with {status}")
        self._broker.start()

    def _await(self, worker: WorkerProcess, seconds: float) -> None:
        try:
            status = worker.wait(seconds)
        except subprocess.TimeoutExpired:
            self._recorder.info(RUN, "stuck", what=f"{worker.name} did not end within {seconds:.0f} s")
        else:
            if status:
                self._recorder.info(RUN, "stuck", what=f"{worker.name} ended with {status}: see its log")

    def _collect(self) -> Path:
        for line in self._broker.tracebacks():
            self._recorder.info(RUN, "traceback", what=line)
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
