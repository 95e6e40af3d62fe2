"""locks/: what `dev.py` and the image install, and that it is what pyproject.toml asks for."""

import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
ASKED = {
    "build": PYPROJECT["build-system"]["requires"],
    "serve": PROJECT["dependencies"],
    "security": PROJECT["dependencies"] + PROJECT["optional-dependencies"]["security"],
    "test": PROJECT["dependencies"]
    + PROJECT["optional-dependencies"]["test"]
    + PYPROJECT["build-system"]["requires"],
}


def locked(name: str) -> dict[str, Requirement]:
    """The entries of a lock by package; each has its hashes on the lines that follow."""
    text = re.sub(r"^#.*\n", "", (ROOT / "locks" / f"{name}.txt").read_text(), flags=re.MULTILINE)
    entries = re.sub(r" \\\n +", " ", text).splitlines()
    found = {}
    for entry in entries:
        requirement, *hashes = entry.split(" --hash=")
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement
        parsed = Requirement(requirement)
        assert [one.operator for one in parsed.specifier] == ["=="], requirement
        assert canonicalize_name(parsed.name) not in found, requirement
        found[canonicalize_name(parsed.name)] = parsed
    return found


def version_of(requirement: Requirement) -> str:
    (specifier,) = requirement.specifier
    return specifier.version


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_has_what_pyproject_asks_for(name: str) -> None:
    entries = locked(name)
    for asked in map(Requirement, ASKED[name]):
        entry = entries[canonicalize_name(asked.name)]
        assert asked.specifier.contains(version_of(entry), prereleases=True), entry
        assert entry.marker is None, entry  # nothing that is asked for is left out anywhere


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_has_what_its_packages_need_here(name: str) -> None:
    """On other platforms that is the resolver's word; here, that of the packages that are installed."""
    entries = locked(name)
    here = {**default_environment(), "extra": ""}
    for package, entry in entries.items():
        if entry.marker is not None and not entry.marker.evaluate():
            continue
        if importlib.metadata.version(package) != version_of(entry):
            continue  # what is installed came from the ranges, and tells nothing of the locked version
        for needed in map(Requirement, importlib.metadata.requires(package) or []):
            if needed.marker is None or needed.marker.evaluate(here):
                found = entries[canonicalize_name(needed.name)]
                assert needed.specifier.contains(version_of(found), prereleases=True), (package, found)


def test_one_package_has_one_version_in_all_locks() -> None:
    test = locked("test")
    for name in ASKED:
        for package, entry in locked(name).items():
            assert version_of(entry) == version_of(test[package]), name


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """dev.py as a module that would set up tmp_path; `calls` has what it ran instead of pip."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.VENV = tmp_path / ".venv"
    module.PYTHON = module.VENV / "bin" / "python"
    module.log = ""  # what pip writes with --log
    module.calls = []
    module.compiled = []
    module.fails = {}  # an argument, and what pip says of it

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if command[2] == "compileall":
            module.compiled.append(command[-1])
            return subprocess.CompletedProcess(command, 0)
        module.calls.append(command[6:])
        if "--log" in command:
            Path(command[command.index("--log") + 1]).write_text(module.log)
        said = [text for argument, text in module.fails.items() if argument in command]
        return subprocess.CompletedProcess(command, 1 if said else 0, "", "".join(said))

    def create(directory: Path, **_: object) -> None:
        (directory / "bin").mkdir()
        (directory / "bin" / "python").touch()

    monkeypatch.setattr(module.subprocess, "run", run)
    monkeypatch.setattr(module.venv, "create", create)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    return module


def test_what_is_locked_is_installed_and_nothing_besides(
    dev: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    dev.set_up("serve", [])
    from_locks, project = dev.calls
    assert from_locks[:3] == ["--require-hashes", "--only-binary", ":all:"]
    assert [Path(one).name for one in from_locks[4:7:2]] == ["build.txt", "serve.txt"]
    assert project == ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    assert "locks/" not in capsys.readouterr().out
    assert dev.compiled == [str(ROOT / "kbroker")]


@pytest.mark.parametrize("newer", [True, False])
def test_where_the_lock_does_not_fit_ranges_are_installed_and_that_is_said(
    newer: bool, dev: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if newer:
        monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
        reason = "it is for Python up to 3.13, and this is 3.14"
    else:
        dev.fails["--require-hashes"] = "ERROR: No matching distribution found for crc32c==2.9\n"
        reason = f"No matching distribution found for crc32c==2.9 (Python 3.12, {sys.platform})"
    dev.set_up("test", ["test"])
    assert dev.calls[-1] == ["--editable", f"{ROOT}[test]"]
    said = capsys.readouterr().out
    assert f"not what locks/ has, but what pyproject.toml allows is installed: {reason}" in said


def test_a_package_that_is_not_what_was_locked_ends_the_set_up(dev: Any) -> None:
    dev.fails["--require-hashes"] = (
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."
    )
    with pytest.raises(SystemExit, match="not what was locked: nothing is installed"):
        dev.set_up("serve", [])
    assert len(dev.calls) == 1
    assert not (dev.VENV / ".kbroker-serve").exists()


def test_setup_installs_what_the_tests_need_and_runs_nothing(
    dev: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["dev.py", "setup"])
    assert dev.main() == 0
    from_locks, _project = dev.calls
    assert Path(from_locks[4]).name == "test.txt"


NO_WHEEL = "ERROR: No matching distribution found for crc32c==2.9\n"


@pytest.mark.parametrize(
    ("said", "log"),
    [
        ("ERROR: HTTPSConnectionPool(host='localhost', port=443): Read timed out.\n", ""),
        ("ERROR: HTTP error 404 while getting https://localhost/a.whl\n", ""),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n", ""),
        ("", ""),
        (NO_WHEEL, "2026-01-01 Could not fetch URL https://localhost/simple/crc32c/: 503\n"),
    ],
)
def test_what_does_not_fit_is_told_from_what_failed(
    said: str, log: str, dev: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    dev.fails["--require-hashes"], dev.log = said, log
    with pytest.raises(SystemExit, match="nothing else is in its place") as ended:
        dev.set_up("serve", [])
    assert said in str(ended.value)
    assert log.strip() in str(ended.value)
    assert len(dev.calls) == 1
    assert not (dev.VENV / ".kbroker-serve").exists()
    dev.fails.clear()
    dev.calls.clear()
    dev.set_up("serve", [])
    assert dev.calls[0][0] == "--require-hashes"
    assert "pyproject.toml allows" not in capsys.readouterr().out


def test_what_was_installed_without_locks_is_not_the_last_word(
    dev: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp = dev.VENV / ".kbroker-serve"

    def a_day_later() -> None:
        os.utime(stamp, (time.time() - 90_000,) * 2)
        dev.calls.clear()

    dev.fails["--require-hashes"] = NO_WHEEL
    dev.set_up("serve", [])
    dev.calls.clear()
    dev.set_up("serve", [])
    assert dev.calls == []
    a_day_later()
    dev.fails["--require-hashes"] = "ERROR: Read timed out."
    dev.set_up("serve", [])
    assert len(dev.calls) == 1
    assert "Read timed out" in capsys.readouterr().out
    dev.set_up("serve", [])
    assert len(dev.calls) == 1
    a_day_later()
    dev.fails.clear()
    dev.set_up("serve", [])
    a_day_later()
    dev.set_up("serve", [])
    assert dev.calls == []


def test_for_a_newer_python_there_is_nothing_to_try_again(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0, "final", 0))
    dev.set_up("serve", [])
    os.utime(dev.VENV / ".kbroker-serve", (0, 0))
    dev.calls.clear()
    dev.set_up("serve", [])
    assert dev.calls == []


class Index(BaseHTTPRequestHandler):
    """A package index with the source of one package, and no wheel; of the other it can't tell anything now."""

    def do_GET(self) -> None:
        if self.path != "/simple/here/":
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(
            b'<!DOCTYPE html><html><body><a href="/here-1.0.tar.gz">here-1.0.tar.gz</a></body></html>'
        )

    def log_message(self, *_: object) -> None:
        pass


def test_pip_says_which_of_both_it_is(dev: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its own words: if a newer pip has others, this fails."""
    monkeypatch.undo()
    dev.PYTHON = sys.executable
    dev.LOCKS = tmp_path
    for name in os.environ:
        if name.startswith("PIP_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")
    (tmp_path / "build.txt").touch()
    with HTTPServer(("127.0.0.1", 0), Index) as index:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{index.server_port}/simple")
        serving = threading.Thread(target=index.serve_forever, args=(0.01,))
        serving.start()
        try:
            (tmp_path / "serve.txt").write_text(f"here==1.0 --hash=sha256:{'0' * 64}")
            assert "No matching distribution found for here==1.0 (Python 3." in dev.why_not_locked("serve")
            (tmp_path / "serve.txt").write_text(f"unknown==1.0 --hash=sha256:{'0' * 64}")
            with pytest.raises(dev.SetUpError, match="Could not fetch URL"):
                dev.why_not_locked("serve")
        finally:
            index.shutdown()
            serving.join()


def test_an_environment_that_somebody_else_made_is_left_alone(dev: Any) -> None:
    (dev.VENV / "bin").mkdir(parents=True)
    dev.PYTHON.write_text("theirs")
    with pytest.raises(SystemExit, match=r"was not made by dev\.py"):
        dev.set_up("serve", [])
    assert dev.PYTHON.read_text() == "theirs"
    assert dev.calls == []


@pytest.mark.parametrize("made_with", ["unfinished", "another Python"])
def test_an_own_environment_of_another_python_or_half_made_is_made_anew(made_with: str, dev: Any) -> None:
    dev.VENV.mkdir()
    (dev.VENV / ".kbroker-python").write_text(made_with)
    (dev.VENV / "old").touch()
    dev.set_up("serve", [])
    assert not (dev.VENV / "old").exists()
    assert (dev.VENV / ".kbroker-python").read_text() == sys.version


def test_an_environment_whose_making_is_interrupted_is_an_own_one(
    dev: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = dev.venv.create

    def interrupted(directory: Path, **_: object) -> None:
        create(directory)
        raise KeyboardInterrupt

    monkeypatch.setattr(dev.venv, "create", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dev.set_up("serve", [])
    monkeypatch.setattr(dev.venv, "create", create)
    dev.set_up("serve", [])
    assert (dev.VENV / ".kbroker-serve").exists()


def test_a_lock_that_changed_is_installed_again(dev: Any, tmp_path: Path) -> None:
    dev.LOCKS = tmp_path / "locks"
    dev.LOCKS.mkdir()
    for name in ("build", "serve"):
        (dev.LOCKS / f"{name}.txt").write_text("a==1")
    dev.set_up("serve", [])
    dev.set_up("serve", [])
    assert len(dev.calls) == 2
    (dev.LOCKS / "serve.txt").write_text("a==2")
    dev.set_up("serve", [])
    assert len(dev.calls) == 4


def test_the_image_installs_from_locks_alone() -> None:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    installs = re.findall(r"pip (?:install|wheel) [^&\n]*", text)
    assert len(installs) == 4
    for install in installs:
        locked_wheels = "--require-hashes --only-binary :all: --requirement locks/"
        assert locked_wheels in install or "--no-deps" in install, install
