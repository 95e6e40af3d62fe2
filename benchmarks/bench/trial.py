"""One run of one row against one broker: what a row's `measure` is given."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from bench import wire
from bench.clients import ClientProcess
from bench.cpu import cpu_seconds, resident_mib
from bench.targets import DefaultApacheKafka, DefaultKbroker, Kfake, Nafka

Target = DefaultKbroker | DefaultApacheKafka | Kfake | Nafka

READY_POLL = 0.001
"""Seconds between two looks for a broker that starts."""

LEADERS_TIMEOUT = 120.0


class UnsupportedError(Exception):
    """The broker doesn't serve what the row needs: the table says so."""


@attrs.frozen
class Sizes:
    """How much work a run does.

    scale: factor on records and seconds
    idle: seconds to leave a broker alone before its memory is read
    log_gb: GB of log for the rows that need a long one
    java: whether Java's own clients run too
    """

    scale: float = 1.0
    idle: float = 60.0
    log_gb: float = 10.0
    java: bool = True

    def of(self, amount: int, least: int = 1) -> int:
        """An amount of work at this scale."""
        return max(least, int(amount * self.scale))


@attrs.frozen
class Outcome:
    """What a client measured, and the CPU seconds that the broker used meanwhile."""

    result: dict[str, Any]
    broker_cpu: float
    wall: float

    @property
    def client_share(self) -> float:
        """The client's CPU as a share of one core: near 1 means that the client was measured, not the broker."""
        return float(self.result.get("client_cpu", 0.0)) / float(self.result["seconds"])

    @property
    def rate(self) -> float:
        """Records a second, as the client tells it where it does."""
        if "rate" in self.result:
            return float(self.result["rate"])
        return float(self.result["records"]) / float(self.result["seconds"])

    def cpu_per_gb(self, record_bytes: int = 1024) -> float:
        """Broker CPU seconds per 10^9 bytes of record values."""
        return self.broker_cpu / (float(self.result["records"]) * record_bytes / 1e9)

    def figures(self, key: str) -> dict[str, float]:
        """The rate and the broker's CPU for each GB, as figures of these keys."""
        return {key: self.rate, f"{key} cpu": self.cpu_per_gb()}


@attrs.define
class Trial:
    """A started broker with empty directories.

    acknowledged: records that clients were told are kept, by topic, to be counted after the crash
    loader_shares: the CPU of each client process, as a share of one core
    """

    target: Target
    sizes: Sizes
    acknowledged: dict[str, int] = attrs.field(factory=dict)
    loader_shares: dict[str, float] = attrs.field(factory=dict)
    _clients: list[ClientProcess] = attrs.field(factory=list)

    @property
    def port(self) -> int:
        """Where the broker listens."""
        return self.target.port

    @property
    def pid(self) -> int:
        """The broker's process."""
        assert self.target.process is not None
        return self.target.process.pid

    @property
    def name(self) -> str:
        """The target's name."""
        return self.target.name

    def require(self, ability: str) -> None:
        """Raise UnsupportedError unless the target serves a kind of client."""
        if ability not in self.target.serves:
            raise UnsupportedError(f"no {ability}")

    def answers(self, api: int) -> bool:
        """Whether the broker's ApiVersions has an API."""
        connection = wire.Connection(self.port)
        answer = connection.ask(wire.frame(wire.API_VERSIONS, 0, b""))
        connection.close()
        _, count = answer.take("hi")
        return api in {answer.take("hhh")[0] for _ in range(count)}

    def cpu(self) -> float:
        """CPU seconds of the broker so far."""
        return cpu_seconds(self.pid)

    def resident_mib(self) -> float:
        """Its resident memory."""
        return resident_mib(self.pid)

    def start(self) -> float:
        """Start the broker; ms from spawn to the first answered ApiVersions."""
        began = self.target.spawn()
        self.target.wait_until_ready(READY_POLL, timeout=600)
        return (time.perf_counter() - began) * 1e3

    def topic(self, name: str, partitions: int = 1) -> str:
        """Create a topic and wait until every partition is served."""
        self.topics({name: partitions})
        return name

    def topics(self, wanted: Mapping[str, int]) -> None:
        """Create topics in one request, and wait until every partition of each is served."""
        if "admin" not in self.target.serves:
            return  # it makes them when a client asks for them
        connection = wire.Connection(self.port)
        try:
            answer = connection.ask(wire.create_topics(wanted))
            for _ in range(answer.take("i")[0]):
                name, (error,), message = answer.string(), answer.take("h"), answer.string()
                if error:
                    raise RuntimeError(f"CreateTopics {name}: error {error} {message}")
            until = time.monotonic() + LEADERS_TIMEOUT
            for name, partitions in wanted.items():
                while not served(connection, name, partitions):
                    if time.monotonic() > until:
                        raise RuntimeError(f"{name} has not all its leaders after {LEADERS_TIMEOUT:.0f} s")
                    time.sleep(0.01)
        finally:
            connection.close()

    def client(self, load: str, **arguments: Any) -> ClientProcess:
        """A client process that has warmed up and waits at its gate."""
        return self.clients([arguments], load)[0]

    def clients(self, each: Sequence[Mapping[str, Any]], load: str) -> list[ClientProcess]:
        """Processes that warm up at the same time, for they may need each other."""
        started = [ClientProcess(load, port=self.port, **arguments) for arguments in each]
        self._clients += started
        for client in started:
            client.wait_until_ready()
        return started

    def measure(self, load: str, **arguments: Any) -> Outcome:
        """Run one client process and see what the broker spends meanwhile."""
        client = self.client(load, **arguments)
        before, began = self.cpu(), time.perf_counter()
        client.go()
        outcome = self.finished(client, before, began)
        self.remember(outcome, load, arguments)
        return outcome

    def finished(self, client: ClientProcess, cpu_before: float, began: float) -> Outcome:
        """Wait for a client's result; what the broker spent since."""
        result = client.result()
        return Outcome(result, self.cpu() - cpu_before, time.perf_counter() - began)

    def remember(self, outcome: Outcome, load: str, arguments: Mapping[str, Any]) -> None:
        """Add to the records to be counted, and to the loaders' shares of CPU."""
        if "acknowledged" in outcome.result:
            self.acknowledge(arguments["topic"], outcome.result["acknowledged"])
        if "client_cpu" in outcome.result:
            label = " ".join([load, *(str(arguments[k]) for k in ("mode", "partitions") if k in arguments)])
            self.loader_shares[label] = outcome.client_share

    def acknowledge(self, topic: str, records: int) -> None:
        """Say that so many more records of a topic were acknowledged."""
        self.acknowledged[topic] = self.acknowledged.get(topic, 0) + records

    def outside(self, call: Callable[[], dict[str, Any]]) -> Outcome:
        """Run a client that has no gate (Java's): the broker's CPU is over the whole of it."""
        before, began = self.cpu(), time.perf_counter()
        result = call()
        wall = time.perf_counter() - began
        return Outcome({"seconds": wall} | result, self.cpu() - before, wall)

    @contextmanager
    def beside(self, load: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Have an endless load run meanwhile; its result is there afterwards."""
        client = self.client(load, **arguments)
        client.go()
        result: dict[str, Any] = {}
        yield result
        client.stop()
        result |= client.result()
        if "acknowledged" in result:
            self.acknowledge(arguments["topic"], result["acknowledged"])

    def end(self) -> None:
        """End what clients are left."""
        for client in self._clients:
            client.kill()


def served(connection: wire.Connection, topic: str, partitions: int) -> bool:
    """Whether every partition has a leader that knows it is one: Apache Kafka's metadata is ahead of its logs."""
    if leaders(connection, topic) < partitions:
        return False
    return offsets(connection, topic, range(partitions), wire.LATEST) is not None


def leaders(connection: wire.Connection, topic: str) -> int:
    """How many partitions of a topic have a leader."""
    answer = connection.ask(wire.metadata([topic]))
    for _ in range(answer.take("i")[0]):
        answer.take("i"), answer.string(), answer.take("i"), answer.string()
    answer.take("i"), answer.take("i")
    (error,), _, _, (count,) = answer.take("h"), answer.string(), answer.take("b"), answer.take("i")
    found = 0
    for _ in range(0 if error else count):
        error, _, leader = answer.take("hii")
        for _ in range(2):
            answer.raw(4 * answer.take("i")[0])
        found += error == 0 and leader >= 0
    return found


def offsets(connection: wire.Connection, topic: str, partitions: range, when: int) -> dict[int, int] | None:
    """The first or the next offset of each partition, None while some partition answers with an error."""
    answer = connection.ask(wire.list_offsets(topic, partitions, when))
    answer.take("i"), answer.string()
    found = {}
    for _ in range(answer.take("i")[0]):
        partition, error, _, offset = answer.take("ihqq")
        if error:
            return None
        found[partition] = offset
    return found


def data_dir_of(parent: Path, name: str) -> Path:
    """An empty place for a broker's data."""
    directory = parent / name / "data"
    directory.mkdir(parents=True)
    return directory
