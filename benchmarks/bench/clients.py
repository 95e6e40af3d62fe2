"""Client processes as the harness sees them."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from string import ascii_letters
from tempfile import NamedTemporaryFile
from typing import Any

from harness.paths import COMPAT
from harness.toolchains import kafka_libs, python_venv, tool

BENCHMARKS = Path(__file__).resolve().parent.parent
CONFLUENT_KAFKA = "2.16.1"
TIMEOUT = 900.0
PAYLOADS = 100


def librdkafka_python() -> Path:
    """The interpreter that has confluent-kafka, made at first use."""
    return python_venv("bench-clients", f"confluent-kafka=={CONFLUENT_KAFKA}")


class ClientProcess:
    """A process that runs one of a package's modules and waits at its gate."""

    package = "bench.loads"
    paths = (BENCHMARKS, COMPAT)

    def __init__(self, load: str, **arguments: Any) -> None:
        self._name = load
        self._process = subprocess.Popen(
            [self.python, "-m", f"{self.package}.{load}", json.dumps(arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, self.paths))},
        )

    @property
    def python(self) -> Path:
        """The interpreter that has what the client needs."""
        return librdkafka_python() if self._name.startswith("librdkafka") else Path(sys.executable)

    def line(self) -> str:
        """The next line that it prints; RuntimeError if it ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            assert self._process.stderr is not None
            told = self._process.stderr.read().strip().splitlines() or ["ended"]
            raise RuntimeError(f"{self._name}: {told[-1]}")
        return line

    def wait_until_ready(self) -> None:
        """Wait for its warm-up to end; RuntimeError if it failed."""
        self.line()

    def go(self) -> None:
        """Let it measure. A second time: ask it to end."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    stop = go

    def result(self) -> dict[str, Any]:
        """What it measured."""
        result: dict[str, Any] = json.loads(self.line())
        self._process.wait()
        return result

    def kill(self) -> None:
        """End it if it runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


def java_produce(port: int, topic: str, records: int, record_bytes: int, warm_up: int) -> dict[str, Any]:
    """Java's ProducerPerformance: the rate of what follows its warm-up, and seconds of the whole process.

    Values come from a file: to make one of 1 KiB up for each record takes it longer than to send it.
    """
    arguments = ["--topic", topic, "--num-records", str(records + warm_up)]
    arguments += ["--throughput", "-1", "--warmup-records", str(warm_up)]
    arguments += ["--command-property", f"bootstrap.servers=127.0.0.1:{port}", "acks=all"]
    with NamedTemporaryFile("w", suffix=".txt") as values:
        values.write("\n".join(_letters(record_bytes, number) for number in range(PAYLOADS)))
        values.flush()
        told = _java("org.apache.kafka.tools.ProducerPerformance", *arguments, "--payload-file", values.name)
    summary = [line for line in told.splitlines() if "99.9th" in line][-1]
    rate = float(summary.split(",")[1].split()[0])
    return {"records": records + warm_up, "rate": rate, "acknowledged": records + warm_up}


def java_consume(port: int, topic: str, records: int) -> dict[str, Any]:
    """Java's ConsumerPerformance: the rate from the first fetch on, without the join of the group."""
    arguments = ["--topic", topic, "--num-records", str(records), "--timeout", "30000"]
    arguments += ["--bootstrap-server", f"127.0.0.1:{port}", "--group", f"perf-{time.time_ns()}"]
    told = [
        line
        for line in _java("org.apache.kafka.tools.ConsumerPerformance", *arguments).splitlines()
        if "," in line
    ]
    values = dict(zip(*([each.strip() for each in line.split(",")] for line in told[-2:]), strict=False))
    return {"records": int(values["data.consumed.in.nMsg"]), "rate": float(values["fetch.nMsg.sec"])}


def _letters(size: int, seed: int) -> str:
    """Text that hardly compresses."""
    return "".join(Random(seed).choices(ascii_letters, k=size))


def _java(main: str, *arguments: str) -> str:
    command = [tool("java"), "-Xmx512m", "-cp", f"{kafka_libs()}/*", main, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode:
        raise RuntimeError(f"{main}: {(done.stderr + done.stdout)[-600:]}")
    return done.stdout
