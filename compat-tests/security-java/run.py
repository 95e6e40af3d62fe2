"""TLS and SASL with the Java client, which reads JKS, PKCS12 and PEM itself."""

from harness.paths import CACHE, COMPAT
from harness.report import Report
from harness.session import Session
from harness.toolchains import install, kafka_libs, only_one, tool
from security.cases import run_tls
from security.sasl_cases import run_sasl
from security.tools import run_tools

SMALL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")
QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"


def run(session: Session) -> list[Report]:
    libs, classes = kafka_libs(), CACHE / "security-java"
    report = Report(
        "security java", next(libs.glob("kafka-clients-*.jar")).stem.removeprefix("kafka-clients-")
    )
    with only_one("javac"):
        source = COMPAT / "security" / "clients" / "Cases.java"
        install([tool("javac"), "-nowarn", "-cp", f"{libs}/*", "-d", classes, source])
    java = [tool("java"), *SMALL, QUIET, "-cp", f"{libs}/*:{classes}"]
    run_tls(session, report, [*java, "Cases"])
    run_sasl(session, report, [*java, "Cases"], lambda broker: run_tools(report, broker, java, session.work))
    return [report]
