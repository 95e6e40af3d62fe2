"""The same requests to Apache Kafka and to kbroker: a check for each API, and one for each difference that is meant.

With Java and Apache Kafka's jars the answers are compared side by side, else with the recordings.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from harness.brokers import ApacheKafka
from harness.report import Report
from harness.session import Session
from harness.toolchains import AbsentError, kafka_libs, tool

from differential.comparison import Comparison, Recorded, apis, from_recordings, scenarios_of, summary
from differential.differences import DIFFERENCES
from differential.hold import hold_versions
from differential.running import running
from differential.scenario import all_scenarios


def run(session: Session) -> list[Report]:
    report = Report("differential", "4.3.1")
    with judge(session) as recorded, running(session.broker, all_scenarios()) as ports:
        comparison = Comparison(ports, recorded)
        for last in (False, True):
            for api in apis():
                if scenarios := scenarios_of(api, last=last):
                    unexplained = comparison.compare(scenarios)
                    name = f"{api}, the whole broker" if last else api
                    report.add(name, not unexplained, summary(unexplained))
    for difference in DIFFERENCES:
        if count := comparison.meant[difference]:
            name = f"{count} fields differ: {difference.scenario}, {difference.step}: {difference.reason}"
            report.add(name, True)
            print(name)
        else:
            report.add(f"{difference.scenario}, {difference.step}", False, "the difference is gone")
    print(f"{comparison.steps} requests compared, {comparison.meant.total()} fields differ and are meant to")
    return [report]


@contextmanager
def judge(session: Session) -> Iterator[Recorded]:
    """Apache Kafka itself where it can be started and is not what is judged, else what it was heard to say."""
    try:
        tool("java")
        kafka_libs()
    except AbsentError:
        yield from_recordings
        return
    if session.quick or session.broker_type is ApacheKafka:
        yield from_recordings
        return
    with running(ApacheKafka, all_scenarios()) as ports:
        yield lambda scenario: hold_versions(scenario, ports)
