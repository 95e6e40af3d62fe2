from itertools import islice, takewhile

from faults.schedule import Fault, schedule

OTHERS = {"pause", "cut", "cut_all", "restart"}


def within(seed: int, seconds: float, kills: int) -> list[Fault]:
    elapsed = 0.0

    def in_time(fault: Fault) -> bool:
        nonlocal elapsed
        elapsed += fault.after
        return elapsed < seconds

    return list(takewhile(in_time, schedule(seed, seconds, kills)))


def test_a_seed_is_a_schedule() -> None:
    assert within(1, 60, 30) == within(1, 60, 30) != within(2, 60, 30)


def test_there_are_about_as_many_kills_as_asked_for() -> None:
    faults = within(1, 500, 500)
    kills = sum(fault.kind == "kill" for fault in faults)
    assert 400 < kills <= 500
    assert {fault.kind for fault in faults} == {"kill", *OTHERS}


def test_without_kills_there_are_other_faults() -> None:
    assert {fault.kind for fault in within(1, 200, 0)} == OTHERS


def test_other_faults_go_on_when_all_kills_have_been() -> None:
    faults = within(1, 1000, 10)
    assert sum(fault.kind == "kill" for fault in islice(schedule(1, 10, 10), 200)) == 10
    assert {fault.kind for fault in faults[-20:]} <= OTHERS
