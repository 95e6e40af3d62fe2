"""A broker process whose files may not grow, with a real client: a full disk that needs no disk."""

import resource
from pathlib import Path

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaStorageError

from .free_port import free_port
from .test_process import _client_leaks, broker, consume

__all__ = ["_client_leaks"]

LIMIT = 1 << 20
VALUE_BYTES = 100_000
UNLIMITED = resource.RLIM_INFINITY, resource.RLIM_INFINITY


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="the limit of another process is Linux's")
def test_what_was_refused_is_told_and_all_goes_on_when_there_is_space(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path / "data", port) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))
        producer = KafkaProducer(bootstrap_servers=f"127.0.0.1:{port}", acks="all", retries=0, batch_size=0)
        told = [send(producer, value) for value in range(15)]
        assert told.count(None) == LIMIT // VALUE_BYTES
        assert {type(error) for error in told if error is not None} == {KafkaStorageError}
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
        told += [send(producer, value) for value in range(15, 20)]
        producer.close()
        assert told[15:] == [None] * 5
        acknowledged = [value for value, error in enumerate(told) if error is None]
        assert consume(port, len(acknowledged)) == acknowledged
        process.kill()
    with broker(tmp_path / "data", port):
        assert consume(port, len(acknowledged)) == acknowledged


def send(producer: KafkaProducer, value: int) -> KafkaError | None:
    """One record, whose value begins with a number; what became of it."""
    try:
        producer.send("t", (b"%d " % value).ljust(VALUE_BYTES), partition=0).get(timeout=10)
    except KafkaError as error:
        return error
    return None
