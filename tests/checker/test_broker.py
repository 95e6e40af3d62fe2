from pathlib import Path

from faults.broker import Broker, environment


def test_the_settings_of_this_environment_stay_away() -> None:
    inherited = {"KAFKA_LOG_DIRS": "/elsewhere", "PYTHONPATH": "/elsewhere", "PATH": "/bin"}
    assert environment(inherited, None) == {"PATH": "/bin"}


def test_another_source_tree_comes_first(tmp_path: Path) -> None:
    assert environment({}, tmp_path) == {"PYTHONPATH": str(tmp_path)}


def test_tracebacks_are_found_in_the_log(tmp_path: Path) -> None:
    broker = Broker([], tmp_path, advertised=1, source=None)
    assert broker.tracebacks() == []
    broker.log.write_text(
        "kbroker is ready\nERROR it failed\n"
        "  | Traceback (most recent call last):\n"
        '  |   File "a.py", line 1, in f\n  |     g(x)\n'
        "  | kbroker.errors.OddError: 5\nINFO going on\n"
    )
    assert broker.tracebacks() == ["kbroker.errors.OddError: 5"]
