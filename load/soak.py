"""Everything that clients do, at a moderate rate, for as long as you like: what grows meanwhile? See README.md.

Run: python load/soak.py --minutes 60 [--rate 2] [--every 60] [--out soak.jsonl]
"""

import argparse
import json
import signal
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("benchmarks", "compat-tests", "fuzz"))]

from bench.targets import DefaultKbroker  # noqa: E402
from bench.wire import Connection, create_topics  # noqa: E402
from drive.process import disk_mib, usage  # noqa: E402
from drive.trend import LEAST_SAMPLES, trend  # noqa: E402
from drive.worker import Worker, allow_many_connections  # noqa: E402

# What would otherwise take days to be due.
SETTINGS = {
    "log.retention.bytes": str(4 << 20),
    "log.segment.bytes": str(1 << 20),
    "log.retention.check.interval.ms": "5000",
    "log.segment.delete.delay.ms": "5000",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.segment.bytes": str(1 << 20),
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.segment.bytes": str(1 << 20),
    "producer.id.expiration.ms": "60000",
    "log.cleaner.min.cleanable.ratio": "0.3",
}
WITNESSED = "witnessed"
LEAST_MINUTES = 10.0  # after the warm-up; in less time files and caches still fill
WARM_UP_S = 300.0  # at most; a quarter of the time if that is shorter
# Growth an hour that is a leak: a share of the median, and at least so much.
BOUNDS = {
    "rss": (0.05, 3.0),
    "fds": (0.05, 5.0),
    "threads": (0.0, 2.0),
    "p50": (0.25, 0.3),
    "p99": (0.5, 5.0),
    "disk": (0.25, 20.0),
}
UNITS = {"rss": "MiB", "fds": "", "threads": "", "p50": "ms", "p99": "ms", "disk": "MiB"}


def main() -> int:
    """Run it. Returns the exit status: 1 if something leaks or an answer was wrong."""
    asked = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the broker ends too
    allow_many_connections()
    with tempfile.TemporaryDirectory(prefix="kbroker-soak-", dir=asked.directory) as parent:
        broker = DefaultKbroker(Path(parent) / "data", SETTINGS)
        workers: list[Worker] = []
        with broker:
            Connection(broker.port).ask(create_topics({WITNESSED: 1}))
            try:
                workers += started(broker.port, asked)
                samples = observed(broker, workers, asked)
            finally:
                for worker in workers:
                    worker.end()
        faults = [line for line in broker.log_text().splitlines() if " ERROR " in line or "Traceback" in line]
    for line in faults[:10]:
        print(f"the broker's log: {line}")
    return int(report(samples, asked) or bool(faults))


def started(port: int, asked: argparse.Namespace) -> list[Worker]:
    """The clients, at work."""
    modules = ["mix.raw"]
    if not asked.raw_only:
        others = {"kafka": "mix.kafka_python", "confluent_kafka": "mix.librdkafka"}
        modules += [module for package, module in others.items() if find_spec(package)]
    workers = [Worker("drive.witness", port=port, topic=WITNESSED, pause_s=0.1)]
    workers += [Worker(module, port=port, rate=asked.rate) for module in modules]
    for worker in workers:
        worker.wait_until_ready()
    return workers


def observed(
    broker: DefaultKbroker, workers: list[Worker], asked: argparse.Namespace
) -> list[dict[str, Any]]:
    """A sample each `--every` seconds, printed as it is there."""
    assert broker.process is not None
    began, samples = time.monotonic(), []
    before = usage(broker.process.pid)
    for number in range(1, max(1, round(asked.minutes * 60 / asked.every)) + 1):
        time.sleep(max(0.0, began + number * asked.every - time.monotonic()))
        now = usage(broker.process.pid)
        told = [worker.figures() for worker in workers]
        counts = {
            name: sum(one.get(name, 0) for one in told[1:])
            for name in sorted({n for one in told[1:] for n in one})
        }
        sample = {
            "minutes": (time.monotonic() - began) / 60,
            "requests": (counts.pop("requests", 0) + 2 * told[0].get("rounds", 0)) / asked.every,
            "cpu": (now.cpu - before.cpu) / asked.every * 100,
            "rss": now.rss,
            "fds": now.fds,
            "threads": now.threads,
            "disk": disk_mib(broker.data_dir),
            **{name: told[0][name] for name in ("p50", "p99", "max")},
            "counts": counts,
        }
        before = now
        samples.append(sample)
        print(line(sample), flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(json.dumps(sample) + "\n")
    return samples


def line(sample: dict[str, Any]) -> str:
    """A sample for people."""
    counted = ", ".join(f"{value:.0f} {name}" for name, value in sample["counts"].items())
    return (
        f"{sample['minutes']:6.1f} min  {sample['requests']:6.0f} requests/s  broker {sample['cpu']:3.0f} % of a core  "
        f"RSS {sample['rss']:6.1f} MiB  {sample['fds']:4d} fds  {sample['threads']:2d} threads  "
        f"disk {sample['disk']:6.1f} MiB  "
        f"p50 {sample['p50']:5.2f}  p99 {sample['p99']:6.2f}  max {sample['max']:6.1f} ms  ({counted})"
    )


def report(samples: list[dict[str, Any]], asked: argparse.Namespace) -> bool:
    """Print what grew after the warm-up. Returns whether it is a leak."""
    warm = [one for one in samples if one["minutes"] * 60 > min(WARM_UP_S, asked.minutes * 15)]
    if len(warm) < LEAST_SAMPLES:
        print(
            f"\n{len(warm)} samples after the warm-up: fewer than {LEAST_SAMPLES} tell nothing about growth"
        )
        return False
    leaks = False
    print("\ngrowth an hour after the warm-up (± twice the standard error)")
    for name, (share, least) in BOUNDS.items():
        grown = trend([one["minutes"] / 60 for one in warm], [one[name] for one in warm])
        leak = (
            grown.is_growth(share=share, least=least) and asked.minutes - warm[0]["minutes"] >= LEAST_MINUTES
        )
        leaks = leaks or leak
        print(
            f"{name:8} {grown.per_hour:+9.2f} ± {2 * grown.error:.2f} {UNITS[name]:3}  of {grown.median:9.2f}"
            f"{'  GROWS' if leak else ''}"
        )
    return leaks


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=1.0, help="factor on how much is asked a second")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two samples")
    parser.add_argument("--raw-only", action="store_true", help="without kafka-python and confluent-kafka")
    parser.add_argument("--out", type=Path, help="a file to add the samples to, one in JSON a line")
    parser.add_argument(
        "--directory", type=Path, help="where to have the data (default: the system's for such)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
