"""locks/: what `dev.py` and the image install, and that it is what pyproject.toml asks for."""

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
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
    module.VENV = tmp_path
    module.PYTHON = tmp_path / "bin" / "python"
    module.calls = []
    module.fails = {}  # an argument, and what pip says of it

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        module.calls.append(command[6:])
        said = [text for argument, text in module.fails.items() if argument in command]
        return subprocess.CompletedProcess(command, 1 if said else 0, "", "".join(said))

    monkeypatch.setattr(module.subprocess, "run", run)
    monkeypatch.setattr(module.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    return module


def test_what_is_locked_is_installed_and_nothing_besides(
    dev: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    dev.set_up("serve", [])
    from_locks, project = dev.calls
    assert from_locks[:3] == ["--require-hashes", "--only-binary", ":all:"]
    assert [Path(one).name for one in from_locks[4::2]] == ["build.txt", "serve.txt"]
    assert project == ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    assert "locks/" not in capsys.readouterr().out


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


def test_a_lock_that_changed_is_installed_again(dev: Any, tmp_path: Path) -> None:
    dev.PYTHON.parent.mkdir()
    dev.PYTHON.touch()
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
        assert "--require-hashes --requirement locks/" in install or "--no-deps" in install, install
