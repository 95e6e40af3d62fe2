"""kafka-python's own integration suite, from its sdist, against a broker that is up already."""

import os
import subprocess
import tarfile
import xml.etree.ElementTree as ET
from pathlib import Path

from harness.paths import CACHE, COMPAT
from harness.report import Report
from harness.session import Session
from harness.toolchains import install, only_one, python_venv

VERSION = "3.0.12"
PACKAGES = (
    f"kafka-python=={VERSION}",
    "pytest==8.4.2",
    "pytest-timeout==2.4.0",
    "py==1.11.0",
    "lz4==4.4.4",
    "python-snappy==0.7.3",
    "zstandard==0.25.0",
    "crc32c==2.8",
)
SETTINGS = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
    "super.users": "User:ANONYMOUS",
}
"""The suite's broker: it also tests ACLs, and that whoever isn't named by one may do everything."""

TIMEOUT = 600  # seconds
QUICK = "test_kafka_consumer or test_offset or test_create_describe_delete"
"""What the short subset runs: pytest's -k."""


def run(session: Session) -> list[Report]:
    report = Report("kafka-python-suite", VERSION)
    python = python_venv("kafka-python-suite", *PACKAGES)
    suite = unpack(python)
    results = session.work / "results.xml"
    broker = session.broker(SETTINGS)
    broker.settings["advertised.listeners"] = (
        f"PLAINTEXT://{broker.bootstrap}"  # the suite sees that it is set
    )
    with broker:
        run_pytest(python, suite, broker.bootstrap, results, session)
    if not results.exists():
        raise RuntimeError(f"pytest ran no test: {(session.work / 'pytest.log').read_text()[-1000:]}")
    for case in ET.parse(results).iter("testcase"):
        add(report, case)
    return [report]


def unpack(python: Path) -> Path:
    """The directory to run pytest in: the sdist's tests without its package, and what it leaves out."""
    suite = CACHE / f"kafka-python-suite-{VERSION}"
    with only_one("kafka-python-suite"):
        if not (suite / "test" / "service.py").exists():
            pin = f"kafka-python=={VERSION}"
            fetch = ["-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", suite, pin]
            install([python, *fetch])
            name = f"kafka_python-{VERSION}"
            with tarfile.open(suite / f"{name}.tar.gz") as archive:
                tests = [each for each in archive if each.name.startswith(f"{name}/test/")]
                archive.extractall(suite, tests, filter="data")
            (suite / name / "test").rename(suite / "test")
            (suite / "test" / "__init__.py").touch()
            (suite / "pytest.ini").write_text("[pytest]\n")  # or pytest would take this project's settings
            service = COMPAT / "kafka-python-suite" / "missing" / "service.py"
            (suite / "test" / "service.py").write_text(service.read_text())
    return suite


def run_pytest(python: Path, suite: Path, bootstrap: str, results: Path, session: Session) -> None:
    """Run it; its outcomes are in the file of results, its exit status says nothing more."""
    environment = {
        **os.environ,
        "KAFKA_URI": f"kafka://{bootstrap}",
        "KAFKA_VERSION": "4.3.0",
        "KAFKA_ROOT": str(session.work),  # any directory will do
    }
    command = [python, "-m", "pytest", "test/integration", "-q", "--timeout=120", "--color=no"]
    # These two start brokers of their own, with keys and certificates.
    command += [f"--ignore=test/integration/test_{kind}_integration.py" for kind in ("sasl", "ssl")]
    command += ["-p", "no:cacheprovider", f"--junitxml={results}", f"--rootdir={suite}"]
    if session.quick:
        command += ["-k", QUICK]
    subprocess.run(
        command,
        cwd=suite,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=(session.work / "pytest.log").open("w"),
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT,
        check=False,
    )


def add(report: Report, case: ET.Element) -> None:
    """Add a test to the report, unless it was skipped."""
    if case.find("skipped") is not None:
        return
    problem = next((found for kind in ("failure", "error") if (found := case.find(kind)) is not None), None)
    reason = "" if problem is None else f"{problem.get('message')}"
    report.add(f"{case.get('name')}", problem is None, reason)
