"""The command itself."""

import pytest

from kbroker.__main__ import main

from .free_port import free_port


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "kbroker ready" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("kbroker 0.")


def test_no_such_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly"]) == 2
    assert "no command 'fly'" in capsys.readouterr().err


def test_finds_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ready", "--bootstrap-server", f"127.0.0.1:{free_port()}"]) == 1
    assert "not ready" in capsys.readouterr().err
