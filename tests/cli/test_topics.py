"""`kafka-topics`, with the output that Apache Kafka 4.3.1's tool was seen to give."""

import re

import pytest

from kbroker.cli import topics

Capture = pytest.CaptureFixture[str]


def run(bootstrap: str, *arguments: str) -> int:
    return topics.main(["--bootstrap-server", bootstrap, *arguments])


def test_create_describe_alter_delete(bootstrap: str, capsys: Capture) -> None:
    config = ["--config", "retention.ms=1000"]
    assert run(bootstrap, "--create", "--topic", "t1", "--partitions", "2", *config) == 0
    assert capsys.readouterr().out == "Created topic t1.\n"
    assert run(bootstrap, "--describe", "--topic", "t1") == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"Topic: t1\tTopicId: [\w-]{22}\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: .*retention.ms=1000",
        lines[0],
    )
    assert lines[1] == "\tTopic: t1\tPartition: 0\tLeader: 0\tReplicas: 0\tIsr: 0\tElr: \tLastKnownElr: "
    assert len(lines) == 3
    assert run(bootstrap, "--alter", "--topic", "t1", "--partitions", "3") == 0
    assert run(bootstrap, "--alter", "--topic", "t1", "--partitions", "2") == 1
    assert "would not be an increase" in capsys.readouterr().out
    assert run(bootstrap, "--delete", "--topic", "t1") == 0
    assert run(bootstrap, "--describe", "--topic", "t1") == 1
    assert capsys.readouterr().out == (
        "Error while executing topic command : Topic 't1' does not exist as expected\n"
    )


def test_list_takes_regular_expressions(bootstrap: str, capsys: Capture) -> None:
    for name in ("l-a1", "l-a2", "l-b"):
        run(bootstrap, "--create", "--topic", name)
    capsys.readouterr()
    assert run(bootstrap, "--list", "--topic", "l-a.*,l-b", "--exclude-internal") == 0
    assert capsys.readouterr().out == "l-a1\nl-a2\nl-b\n"
    assert run(bootstrap, "--list", "--topic", "no-such") == 0
    assert capsys.readouterr().out == ""


def test_a_topic_that_exists(bootstrap: str, capsys: Capture) -> None:
    assert run(bootstrap, "--create", "--topic", "twice") == 0
    assert run(bootstrap, "--create", "--topic", "twice", "--if-not-exists") == 0
    assert run(bootstrap, "--create", "--topic", "twice") == 1
    assert capsys.readouterr().out.endswith(
        "Error while executing topic command : Topic 'twice' already exists.\n"
    )


@pytest.mark.parametrize("action", ["--describe", "--delete", "--alter"])
def test_a_topic_that_there_is_not(bootstrap: str, action: str) -> None:
    assert run(bootstrap, action, "--topic", "absent", "--partitions", "2") == 1
    assert run(bootstrap, action, "--topic", "absent", "--partitions", "2", "--if-exists") == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--create", "--topic", "z", "--config", "bad.key=1"], "Unknown topic config name: bad.key"),
        (["--create", "--topic", "z", "--config", "x"], "name=value"),
        (["--create", "--topic", "z", "--replication-factor", "3"], "replication factor"),
        (["--create", "--topic", "a b"], "ASCII alphanumerics"),
        (["--alter", "--topic", "z"], "needs --partitions"),
        (["--list", "--topic", "["], "[ is an invalid regex."),
    ],
)
def test_failures_are_one_line_and_status_1(
    bootstrap: str, capsys: Capture, arguments: list[str], reason: str
) -> None:
    assert run(bootstrap, *arguments) == 1
    output = capsys.readouterr().out
    assert output.startswith("Error while executing topic command : ")
    assert reason in output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--list"],
        ["--bootstrap-server", "localhost:1"],
        ["--bootstrap-server", "localhost:1", "--list", "--create", "--topic", "x"],
        ["--bootstrap-server", "localhost:1", "--create"],
        ["--bootstrap-server", "localhost:x", "--list"],
    ],
)
def test_wrong_usage_is_status_1(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        topics.main(arguments)
    assert raised.value.code == 1


def test_no_broker(nobody: str, capsys: Capture) -> None:
    assert run(nobody, "--list") == 1
    assert f"can't connect to {nobody}" in capsys.readouterr().out
