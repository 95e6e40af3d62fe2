"""The broker as a process, with a real client: kill -9, restart, signals, ports and directories in use."""

import gc
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from .free_port import free_port

READY_S = 20


@pytest.fixture(autouse=True)
def _client_leaks() -> Iterator[None]:
    """kafka-python leaves sockets to the garbage collector, whose complaints are not about the broker."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@contextmanager
def broker(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A broker process that answers; killed at the end if it still runs."""
    process = spawn(data_dir, port)
    try:
        ready = [sys.executable, "-m", "kbroker", "ready", "--bootstrap-server", f"127.0.0.1:{port}"]
        subprocess.run([*ready, "--timeout", str(READY_S)], check=True, capture_output=True)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def spawn(data_dir: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "kbroker", "serve"),
            *("--listeners", f"PLAINTEXT://127.0.0.1:{port}", "--data-dir", str(data_dir)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("KAFKA_")},
    )


def produce(port: int, values: range) -> None:
    """Send one record for each value and have all acknowledged."""
    producer = KafkaProducer(bootstrap_servers=f"127.0.0.1:{port}", acks="all")
    sent = [producer.send("t", b"%d" % value, partition=0) for value in values]
    for future in sent:
        future.get(timeout=30)
    producer.close()


def consume(port: int, count: int) -> list[int]:
    consumer = KafkaConsumer(
        bootstrap_servers=f"127.0.0.1:{port}", auto_offset_reset="earliest", consumer_timeout_ms=10_000
    )
    consumer.assign([TopicPartition("t", 0)])
    values = []
    for record in consumer:
        values.append(int(record.value))
        if len(values) == count:
            break
    consumer.close()
    return values


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port) as process:
        produce(port, range(500))
        process.kill()
        process.wait()
    with broker(tmp_path, port):
        produce(port, range(500, 600))
        assert consume(port, 600) == list(range(600))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_whatever_its_clients_wait_for(tmp_path: Path, number: int) -> None:
    port = free_port()
    with broker(tmp_path, port) as process:
        consumer = KafkaConsumer(
            "t",
            bootstrap_servers=f"127.0.0.1:{port}",
            group_id="g",
            fetch_max_wait_ms=25_000,
            fetch_min_bytes=2**20,
        )
        produce(port, range(10))
        consumer.poll(100)
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
        consumer.close(autocommit=False, timeout_ms=0)
    assert (tmp_path / ".kafka_cleanshutdown").exists()


def test_what_is_in_use_is_one_clear_line_and_status_1(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port):
        for data_dir, named in ((tmp_path / "other", f"127.0.0.1:{port}"), (tmp_path, str(tmp_path))):
            second = spawn(data_dir, port if named.endswith(str(port)) else free_port())
            _, error = second.communicate(timeout=30)
            assert second.returncode == 1
            assert named in error
            assert "Traceback" not in error
            assert len(error.strip().splitlines()) == 1
