"""Everyday commands, for a machine that has nothing but Python 3.11 or newer.

python3 dev.py serve [arguments of `kbroker serve`]     set up, and run the broker on 127.0.0.1:9092
python3 dev.py setup                                    set up what the tests need, and run nothing
python3 dev.py test [--without-clients]                 set up, and run every check and test
python3 dev.py lock [--upgrade]                         write locks/ anew for pyproject.toml, or for the newest versions

The first three keep what they install in .venv: the versions in locks/, whose hashes are checked. They install again
only when pyproject.toml, locks/ or Python has changed. A .venv that somebody else made is left alone.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LEAST_PYTHON = (3, 11)
LOCKS = ROOT / "locks"
NEWEST_LOCKED_PYTHON = (3, 13)
LOCKS_FOR = {"serve": ("build", "serve"), "test": ("test",)}  # what `test` installs has the build's in it
MISMATCH = "DO NOT MATCH THE HASHES"  # pip's words, like the next two
NO_WHEEL = "No matching distribution found"
NOT_FETCHED = "Could not fetch URL"
UNLOCKED = " unlocked"
TRY_LOCKS_AGAIN_S = 24 * 3600
READY_TIMEOUT_S = 30
COMPAT_REPORT = ROOT / "compat-tests" / ".cache" / "report.json"


class SetUpError(Exception):
    """What is locked could not be installed; the message says why."""


class StepError(Exception):
    """A step of the tests failed; the message says how."""


def main() -> int:
    """Run the command line."""
    if sys.version_info < LEAST_PYTHON:
        sys.exit(f"kbroker needs Python 3.11 or newer; this is {sys.version.split()[0]}")
    command, *arguments = sys.argv[1:] or ["--help"]
    if command == "serve":
        set_up("serve", [])
        os.execv(PYTHON, [str(PYTHON), "-m", "kbroker", "serve", *arguments])
    if command == "setup" and not arguments:
        set_up("test", ["test"])
        return 0
    if command == "test" and not set(arguments) - {"--without-clients"}:
        set_up("test", ["test"])
        return test(with_clients="--without-clients" not in arguments)
    if command == "lock" and not set(arguments) - {"--upgrade"}:
        return lock(arguments)
    print(__doc__)
    return 0 if command in {"-h", "--help"} else 2


def set_up(purpose: str, extras: list[str]) -> None:
    """Make .venv and install the project into it, editable, unless nothing changed since that was done.

    What had to be installed without the locks is not the last word: a day later they are tried again.
    """
    locks = b"".join(path.read_bytes() for path in lock_files(purpose))
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + locks + sys.version.encode()).hexdigest()
    stamp = VENV / f".kbroker-{purpose}"
    stamped = stamp.read_text() if PYTHON.exists() and stamp.exists() else ""
    unlocked = stamped == wanted + UNLOCKED
    if stamped == wanted or (unlocked and time.time() - stamp.stat().st_mtime < TRY_LOCKS_AGAIN_S):
        return
    print(f"setting up {VENV}", flush=True)
    make_venv()
    try:
        reason = too_new() or why_not_locked(purpose)
    except SetUpError as error:
        if not unlocked:
            sys.exit(str(error))
        print(f"{error}\nwhat was installed earlier without locks/ is used", flush=True)
        stamp.touch()
        return
    if reason:
        print(f"not what locks/ has, but what pyproject.toml allows is installed: {reason}", flush=True)
        target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
        failed = pip_install("--editable", target)
    else:
        failed = pip_install("--no-deps", "--no-build-isolation", "--editable", ROOT)
    if failed:
        sys.exit("installing failed: see above; the first set-up needs access to a package index")
    # pip does this for what isn't editable; else each start compiles, where Python is told to write no bytecode.
    call(PYTHON, "-m", "compileall", "-q", ROOT / "kbroker")
    # For a Python that the locks don't know there is nothing to try again before they change.
    stamp.write_text(wanted + UNLOCKED if reason and not too_new() else wanted)


def make_venv() -> None:
    """Make .venv, anew if another Python made it. One that somebody else made ends the program: it isn't ours."""
    made_with = VENV / ".kbroker-python"
    if made_with.exists():
        if made_with.read_text() == sys.version:
            return
    elif VENV.exists() and any(VENV.iterdir()):
        sys.exit(
            f"{VENV} was not made by dev.py, which would have to change what is installed in it: use it as it is "
            "(.venv/bin/kbroker, .venv/bin/pytest), or move it away and run this again"
        )
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    made_with.write_text("unfinished")  # it is ours also if what follows is interrupted
    venv.create(VENV, with_pip=True)
    made_with.write_text(sys.version)


def lock_files(purpose: str) -> list[Path]:
    """Which of locks/ have what `serve` or `test` installs."""
    return [LOCKS / f"{name}.txt" for name in LOCKS_FOR[purpose]]


def too_new() -> str:
    """Why the locks are not for this Python, or ""."""
    if sys.version_info[:2] <= NEWEST_LOCKED_PYTHON:
        return ""
    running, newest = (f"{major}.{minor}" for major, minor in (sys.version_info[:2], NEWEST_LOCKED_PYTHON))
    return f"it is for Python up to {newest}, and this is {running}"


def why_not_locked(purpose: str) -> str:
    """Install what the locks have, in wheels alone, since a build would fetch what is locked nowhere.

    Returns which package has no wheel for this machine, or "". Raises SetUpError when it fails for another reason.
    What is there but not what was locked ends the program.
    """
    locks = [part for path in lock_files(purpose) for part in ("--requirement", path)]
    options = {"stderr": subprocess.PIPE, "text": True}
    with tempfile.TemporaryDirectory(prefix="kbroker-pip-") as directory:
        details = Path(directory) / "log"
        details.touch()
        installed = pip("--require-hashes", "--only-binary", ":all:", *locks, "--log", details, **options)
        unreachable = [
            line for line in details.read_text(errors="replace").splitlines() if NOT_FETCHED in line
        ]
    if MISMATCH in installed.stderr:
        sys.exit(
            f"{installed.stderr}\nwhat the package index has is not what was locked: nothing is installed"
        )
    if not installed.returncode:
        return ""
    # pip says of an index that can't be asked, too, that it has no such package: only its log tells them apart.
    missing = [line for line in installed.stderr.splitlines() if NO_WHEEL in line]
    if missing and not unreachable:
        running = ".".join(str(part) for part in sys.version_info[:2])
        return f"{missing[-1].removeprefix('ERROR: ')} (Python {running}, {sys.platform})"
    raise SetUpError(
        "\n".join([installed.stderr, *unreachable[-1:]])
        + "\nwhat locks/ has could not be installed, and nothing else is in its place: the set-up needs access to a "
        "package index, and room on the disk"
    )


def pip_install(*arguments: object) -> int:
    """Install into .venv. Returns pip's exit status."""
    return pip(*arguments).returncode


def pip(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `pip install` in .venv."""
    command = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options)


def lock(options: Sequence[str]) -> int:
    """Write locks/ with uv, for every Python and platform at once. Versions stay unless told to upgrade."""
    import tomllib  # not there before Python 3.11, which main() says

    LOCKS.mkdir(exist_ok=True)
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    with tempfile.TemporaryDirectory(prefix="kbroker-lock-") as directory:
        work = Path(directory)
        (work / "build.in").write_text("\n".join(build))
        venv.create(work / "venv", with_pip=True)
        python = work / "venv" / "bin" / "python"
        if call(python, "-m", "pip", "install", "--quiet", "uv"):
            return 1
        compiled = (python, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes")
        compiled += ("--python-version", ".".join(str(part) for part in LEAST_PYTHON), "--no-annotate")
        compiled += ("--custom-compile-command", "python3 dev.py lock", *options)
        same = ("--constraints", "locks/test.txt")  # one .venv has what both commands install
        for name, what in (
            ("test", ("--extra", "test", "pyproject.toml")),
            ("serve", (*same, "pyproject.toml")),
            ("security", (*same, "--extra", "security", "pyproject.toml")),
            ("build", (*same, work / "build.in")),
        ):
            if call(*compiled, *what, "--output-file", f"locks/{name}.txt"):
                return 1
    return 0


def test(*, with_clients: bool) -> int:
    """Run every step, also after one that failed. Returns the exit status."""
    steps: list[tuple[str, Any]] = [
        ("ruff check", lambda: run("ruff", "check", ".")),
        ("ruff format", lambda: run("ruff", "format", "--check", ".")),
        ("mypy", lambda: run("mypy")),
        ("import contracts", lambda: run("lint-imports")),
        ("pytest", check_tests),
        ("wheel and sdist", check_distribution),
    ]
    if with_clients:
        steps.append(("clients", check_clients))
    results = {}
    for name, step in steps:
        print(f"\n== {name}", flush=True)
        started = time.monotonic()
        try:
            note = step() or "passed"
        except StepError as error:
            note = f"FAILED: {error}"
        results[name] = f"{note} ({time.monotonic() - started:.0f} s)"
    print("\n== summary")
    for name, result in results.items():
        print(f"{name:18}{result}")
    failed = [name for name, result in results.items() if result.startswith("FAILED")]
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nEverything passed.")
    return 1 if failed else 0


def call(*command: object, **options: Any) -> int:
    """Run a program in the repository. Returns its exit status."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options).returncode


def run(tool: str, *arguments: str, **options: Any) -> None:
    """Run a tool of .venv. Raises StepError unless it ends with status 0."""
    if status := call(PYTHON.with_name(tool), *arguments, **options):
        raise StepError(f"exit status {status}")


def check_tests() -> str:
    """Run the tests, those that need Apache Kafka's own code where there is Java. Returns what was absent."""
    fetch = "import sys; sys.path.insert(0, 'compat-tests'); import harness.toolchains as t; print(t.kafka_libs())"
    found = subprocess.run([PYTHON, "-c", fetch], cwd=ROOT, check=False, capture_output=True, text=True)
    jars = {} if found.returncode else {"KAFKA_LIBS": found.stdout.split()[-1]}
    run("pytest", "-q", "-rs", "-n", "2", "tests", env={**os.environ, **jars})
    return "passed" if jars else "passed, without those that need Java: Java and Maven are absent"


def check_distribution() -> None:
    """Build sdist and wheel, install the wheel by itself, and start what was installed."""
    with tempfile.TemporaryDirectory(prefix="kbroker-dist-") as directory:
        work = Path(directory)
        run("pyproject-build", "--no-isolation", "--outdir", str(work / "dist"), str(ROOT))
        (wheel,) = (work / "dist").glob("*.whl")
        if not list((work / "dist").glob("*.tar.gz")):
            raise StepError("no sdist was built")
        venv.create(work / "venv", with_pip=False)
        python = work / "venv" / "bin" / "python"
        pip = (PYTHON, "-m", "pip", "--python", python)
        if call(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel):
            raise StepError("the wheel can't be installed")
        borrow_dependencies(python)
        check_starts(python.parent / "kbroker", work)


def borrow_dependencies(python: Path) -> None:
    """Let an environment see the dependencies in .venv, behind its own packages, without downloading them."""
    site = "import sysconfig; print(sysconfig.get_path('purelib'))"
    theirs, ours = (
        Path(subprocess.run([one, "-c", site], check=True, capture_output=True, text=True).stdout.strip())
        for one in (python, PYTHON)
    )
    (theirs / "dependencies.pth").write_text(f"{ours}\n")


def check_starts(kbroker: Path, work: Path) -> None:
    """Start an installed broker, wait until it is ready, and stop it."""
    listeners = f"PLAINTEXT://127.0.0.1:{free_port()}"
    address = listeners.removeprefix("PLAINTEXT://")
    serve = [str(kbroker), "serve", "--listeners", listeners, "--data-dir", str(work / "data")]
    environment = plain_environment()
    with subprocess.Popen(serve, cwd=work, env=environment) as process:
        ready = (kbroker, "ready", "--bootstrap-server", address, "--timeout", READY_TIMEOUT_S)
        status = call(*ready, env=environment)
        process.terminate()
        try:
            stopped = process.wait(READY_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise StepError("the installed broker did not stop") from None
    if status or stopped:
        raise StepError(
            f"installed broker: `kbroker ready` ended with {status}, `kbroker serve` with {stopped}"
        )


def free_port() -> int:
    """A port of the loopback address that nobody uses."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def plain_environment() -> dict[str, str]:
    """This environment without what would lead to other modules or settings."""
    left_out = ("PYTHON", "KAFKA_")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def check_clients() -> str:
    """The short run of every client whose toolchain is there. Returns what was absent."""
    if status := call(PYTHON, "compat-tests/run.py", "--quick"):
        raise StepError(f"exit status {status}: see the report card above")
    absent = [
        outcome["client"] for outcome in json.loads(COMPAT_REPORT.read_text())["clients"] if outcome["absent"]
    ]
    return (
        f"passed, with {len(absent)} clients absent: {', '.join(absent)}" if absent else "passed, none absent"
    )


if __name__ == "__main__":
    sys.exit(main())
