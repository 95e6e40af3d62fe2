"""What a request costs as there is more of everything: partitions, groups, connections, log."""

import struct
import time
from collections.abc import Iterator

from bench.figures import Figure
from bench.filling import fill
from bench.trial import Trial
from bench.wire import Connection, fetch, frame, string

TITLE = "Cost as the work grows"
NEEDS = "raw"
QUICK = False
WARM = True
CURVES = True
PARTITIONS, GROUPS, CONNECTIONS = (1, 10, 100, 1_000, 10_000), (1, 10, 100, 1_000), (1, 10, 100, 1_000, 5_000)
LOG_SHARES = (0.1, 0.5, 1.0, 2.0)
"""Of --log-gb: 1 to 20 GB with the default."""
SECONDS, REQUESTS = 2.0, 2_000
OFFSET_COMMIT = 8
CPU = "CPU ms/request"

FIGURES = [
    *(Figure(f"partitions {n}", f"produce 100 B, {n:,} partitions exist", CPU) for n in PARTITIONS),
    *(Figure(f"groups {n}", f"commit an offset, {n:,} groups exist", CPU) for n in GROUPS),
    *(Figure(f"connections {n}", f"produce 100 B, {n:,} idle connections", CPU) for n in CONNECTIONS),
    *(
        Figure(f"log {share:g}", f"fetch 64 KiB anywhere, a log of {share:g} times --log-gb", CPU)
        for share in LOG_SHARES
    ),
]


def produce_ms(trial: Trial) -> float:
    """Broker CPU ms of a small Produce."""
    small = {
        "partitions": 1,
        "producers": 4,
        "seconds": SECONDS * max(0.2, trial.sizes.scale),
        "warm_up": 0.5,
    }
    outcome = trial.measure("raw_small", topic="grown", **small)
    return outcome.broker_cpu / float(outcome.result["records"]) * 1e3


def commit(group: str) -> bytes:
    """An OffsetCommit, version 2, of a consumer that is in no group's generation."""
    body = string(group) + struct.pack(">i", -1) + string("") + struct.pack(">q", -1)
    body += struct.pack(">i", 1) + string("grown") + struct.pack(">iiq", 1, 0, 1) + string("")
    return frame(OFFSET_COMMIT, 2, body)


def commits_ms(trial: Trial, connection: Connection, groups: int) -> float:
    """Broker CPU ms of a commit, each of the groups in turn."""

    def ask(number: int) -> int:
        while True:
            answer = connection.ask(commit(f"group-{number % groups}"))
            answer.take("i"), answer.string(), answer.take("i")
            error = answer.take("ih")[1]
            if error not in {14, 15, 16}:  # the coordinator is loading, or not there yet
                return error
            connection.ask(frame(10, 0, string(f"group-{number % groups}")))
            time.sleep(0.05)

    for number in range(max(groups, 200)):
        if error := ask(number):
            raise RuntimeError(f"OffsetCommit: error {error}")
    cpu = trial.cpu()
    for number in range(REQUESTS):
        ask(number)
    return (trial.cpu() - cpu) / REQUESTS * 1e3


def fetches_ms(trial: Trial, connection: Connection, records: int) -> float:
    """Broker CPU ms of a Fetch at offsets spread over the log."""

    def ask(number: int) -> None:
        offset = number * 7_919_337 % records
        connection.send(fetch("long", {0: offset}, partition_bytes=64 << 10))
        if not sum(length for _, length, _ in connection.receive_lengths()):
            raise RuntimeError(f"nothing at offset {offset} of {records}")

    for number in range(200):
        ask(number)
    cpu = trial.cpu()
    for number in range(REQUESTS):
        ask(number)
    return (trial.cpu() - cpu) / REQUESTS * 1e3


def measure(trial: Trial) -> Iterator[dict[str, float]]:
    """Connections first, for partitions and logs stay."""
    trial.topic("grown")
    for number in CONNECTIONS:
        idle = trial.client("raw_idle", connections=number)
        idle.go()
        yield {f"connections {number}": produce_ms(trial)}
        idle.stop()
        idle.result()
    connection = Connection(trial.port)
    for groups in GROUPS:
        yield {f"groups {groups}": commits_ms(trial, connection, groups)}
    records, filled = 0, 0.0
    trial.topic("long")
    for share in LOG_SHARES:
        records += fill(trial, "long", 1, (share - filled) * trial.sizes.log_gb, batch_records=16)
        filled = share
        yield {f"log {share:g}": fetches_ms(trial, connection, records)}
    made = 1
    for number in PARTITIONS:
        while made < number:
            more = min(1_000, number - made)
            trial.topic(f"more-{made}", more)
            made += more
        yield {f"partitions {number}": produce_ms(trial)}
