"""The topics of each workload: their kinds, and what the checker must know of them."""

from typing import NamedTuple

ROLLING = {"segment.ms": "400", "segment.jitter.ms": "0", "index.interval.bytes": "256"}
FEW_SEGMENTS = ROLLING | {"segment.bytes": str(1 << 20), "retention.bytes": str(2 << 20)}
COMPACTION = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "2000",
}


class Kind(NamedTuple):
    """One topic. `keys`: how many different keys its records have, 0 for none."""

    settings: dict[str, str]
    keys: int = 0
    trimmed: bool = False
    transactional: bool = False


KINDS = {
    "plain": Kind({}),
    "rolled": Kind(ROLLING),
    "trimmed": Kind(FEW_SEGMENTS, trimmed=True),
    "compacted": Kind(ROLLING | COMPACTION, keys=200),
    "packed": Kind(ROLLING | {"compression.type": "lz4"}),
    "grouped": Kind(ROLLING),
    "input": Kind(ROLLING),
    "output": Kind(ROLLING, transactional=True),
    "ledger": Kind(ROLLING, transactional=True),
}
PARTITIONS = 3


def topic(workload: str, kind: str) -> str:
    """A topic's name."""
    return f"{workload}.{kind}"
