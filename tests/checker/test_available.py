from workloads.available import rates


def test_the_others_do_what_slow_clients_cannot() -> None:
    assert rates(["raw_records", "python_client"], 10_000) == {"raw_records": 9750, "python_client": 250}
    assert rates(["raw_records", "raw_coordinated"], 100) == {"raw_records": 50, "raw_coordinated": 50}
    assert rates(["python_client"], 10_000) == {"python_client": 250}
