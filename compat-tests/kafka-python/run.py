"""kafka-python: the newest version, and old ones that programs are still pinned to."""

from harness.pyclient.ladder import run_ladder
from harness.report import Report
from harness.session import Session

CODECS = ("lz4==4.4.4", "python-snappy==0.7.3", "zstandard==0.25.0")
VERSIONS = ("3.0.12", "2.3.3", "2.2.15", "2.0.2", "1.4.7")


def run(session: Session) -> list[Report]:
    return run_ladder(session, "kafka-python", dict.fromkeys(VERSIONS, CODECS))
