"""The fuzz targets: every kept input, and the first of the mutations that `fuzz/run.py` makes, the same in each run."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine import bounds, corpus, mutate_loop
from engine.bounds import bounded
from engine.target import Target, load_target, target_names
from fixtures import outcome

# How many inputs take about a fifth of a second.
INPUTS = {
    "acls": 500, "batches": 700, "cleaning": 20, "compression": 300, "connections": 200, "data_dir": 2, "database": 5,
    "environment": 100, "frames": 500, "handlers": 100,
    "keystores": 60, "log_files": 700, "principals": 1000, "produce": 100, "properties": 60, "readers": 600,
    "requests": 500,
    "sasl": 150, "settings": 200, "tokens": 300,
}  # fmt: skip


@pytest.fixture(params=target_names())
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    loaded = load_target(request.param)
    logging.disable()
    try:
        yield loaded
    finally:
        logging.disable(logging.NOTSET)
        loaded.close()


def test_nothing_breaks(target: Target, tmp_path: Path) -> None:
    for data in corpus.kept(target.name):
        bounded(target.check, data)
    told: list[str] = []
    report = mutate_loop.run(
        target,
        seconds=None,
        inputs=INPUTS[target.name],
        seed=1,
        crashes=tmp_path,
        tell=told.append,
        mutations_only=True,
    )
    assert not report.failures, "".join(told)
    assert report.inputs == INPUTS[target.name]


def planted(check: Callable[[bytes], None]) -> Target:
    return Target("planted", check, lambda: [b"seed"], lambda: None)


def run_planted(check: Callable[[bytes], None], tmp_path: Path) -> mutate_loop.Report:
    return mutate_loop.run(
        planted(check), seconds=None, inputs=300, seed=1, crashes=tmp_path, tell=lambda _: None
    )


def test_what_breaks_a_target_is_kept_once(tmp_path: Path) -> None:
    def check(data: bytes) -> None:
        if data[:1] == b"\xff" or len(data) > 100:
            raise ValueError(len(data))

    report = run_planted(check, tmp_path)
    ((error, path),) = report.failures
    assert report.inputs == 300
    assert error.startswith("ValueError")
    with pytest.raises(ValueError, match=str(path.stat().st_size)):
        check(path.read_bytes())
    assert list((tmp_path / "planted").iterdir()) == [path]


def test_an_input_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.05)

    def check(data: bytes) -> None:
        while data == b"seed":
            pass

    ((error, path),) = run_planted(check, tmp_path).failures
    assert error.startswith("TooSlowError")
    assert path.read_bytes() == b"seed"


def test_memory_is_bounded_by_the_size_of_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    peaks = iter((0, 5000, 0, 3000))
    monkeypatch.setattr(bounds, "peak_memory", lambda: next(peaks))
    monkeypatch.setattr(bounds, "MEMORY", 1000)
    with pytest.raises(bounds.TooLargeError):
        bounded(lambda _: None, bytes(10))
    bounded(lambda _: None, bytes(10))


def test_inputs_that_end_in_a_new_way_are_gone_on_from(tmp_path: Path) -> None:
    """Four bytes that are right by chance all at once would take a hundred thousand inputs and more."""
    reached = 0

    def check(data: bytes) -> None:
        nonlocal reached
        steps = 0
        while steps < min(len(data), 4) and data[steps] % 16 == steps + 1:
            steps += 1
        outcome.note(steps)
        reached = max(reached, steps)

    mutate_loop.run(planted(check), seconds=None, inputs=5000, seed=1, crashes=tmp_path, tell=print)
    assert reached == 4
