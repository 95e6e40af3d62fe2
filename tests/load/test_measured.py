from drive.measured import MEMORY_MIB, Bounds, Measured

FINE = {"p50": 1.0, "p99": 2.0, "max": 3.0, "rate": 90.0}


def measured(**different: object) -> Measured:
    figures: dict[str, object] = {
        "title": "load", "idle": 40.0, "peak": 100.0, "after": 41.0, "again": None, "cpu": 0.5,
        "alone": FINE, "beside": FINE, "did": {}, "faults": [],
    }  # fmt: skip
    return Measured(**(figures | different))  # type: ignore[arg-type]


def test_within_all_bounds_nothing_is_broken() -> None:
    assert measured().broken(Bounds()) == []
    assert measured(peak=MEMORY_MIB, after=60.0, again=63.0).broken(Bounds()) == []


def test_each_bound_is_told_when_it_is_broken() -> None:
    (peak,) = measured(peak=MEMORY_MIB + 1).broken(Bounds())
    assert peak.startswith("513 MiB")
    (after,) = measured(after=60.0, again=64.0).broken(Bounds())
    assert "60 MiB after the load, 64 after it was there once more, 40 before" in after
    (after,) = measured(after=81.0, again=80.0).broken(Bounds())
    assert "81 MiB after the load" in after
    (p99,) = measured(beside=FINE | {"p99": 251.0}).broken(Bounds())
    assert "p99 is 251 ms" in p99
    (longest,) = measured(beside=FINE | {"max": 3_000.0}).broken(Bounds(p99_ms=1.0, longest_ms=2_999.0))[1:]
    assert "max is 3000 ms" in longest
    (fault,) = measured(faults=["ERROR"]).broken(Bounds())
    assert "ERROR" in fault


def test_a_client_that_was_not_served_at_all_breaks_the_bounds() -> None:
    nothing = dict.fromkeys(FINE, float("nan"))
    assert len(measured(beside=nothing).broken(Bounds())) == 2
