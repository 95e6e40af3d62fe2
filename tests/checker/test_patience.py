from types import SimpleNamespace

import pytest
from workloads import patience
from workloads.patience import QUIET, Patience, StuckError


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += 10 * seconds / patience.RETRY_S

    monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
    monkeypatch.setattr(patience, "QUIET", type(QUIET)())


def test_while_there_are_faults_nothing_is_stuck() -> None:
    tries = Patience("it")
    for _ in range(100):
        tries.wait()


def test_when_faults_have_ended_it_takes_some_tries() -> None:
    tries = Patience("it")
    tries.wait()
    patience.QUIET.set()
    for _ in range(4):
        tries.wait("why")
    with pytest.raises(StuckError, match="it: why"):
        tries.wait("why")
