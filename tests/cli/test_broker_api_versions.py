"""`kafka-broker-api-versions`, as Apache Kafka 4.3.1's tool prints."""

import pytest

from kbroker.cli import broker_api_versions


def test_prints_a_table_for_each_broker(bootstrap: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert broker_api_versions.main(["--bootstrap-server", bootstrap]) == 0
    output = capsys.readouterr().out
    assert output.startswith(
        f"{bootstrap} (id: 0 rack: null isFenced: false) -> (\n\tProduce(0): 0 to 13 [usable: 13],\n"
    )
    assert "\tDescribeTopicPartitions(75): 0 [usable: 0]" in output
    assert output.endswith("\n)\n")


def test_what_only_one_side_knows() -> None:
    shown = broker_api_versions.table({0: (0, 20), 1: (19, 20), 3: (0, 5), 999: (0, 1)})
    assert "\tProduce(0): 0 to 20 [usable: 13],\n" in shown
    assert "\tFetch(1): 19 to 20,\n" in shown
    assert "\tMetadata(3): 0 to 5 [usable: 5],\n" in shown
    assert "\tListOffsets(2): UNSUPPORTED,\n" in shown
    assert "\tUNKNOWN(999): 0 to 1\n)" in shown


def test_no_broker(nobody: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert broker_api_versions.main(["--bootstrap-server", nobody]) == 1
    assert "can't connect" in capsys.readouterr().err


def test_wrong_usage() -> None:
    with pytest.raises(SystemExit):
        broker_api_versions.main(["--bootstrap-server", "a:b"])
