"""The areas in which mistakes lose data or break promises: which files, and which tests are theirs."""

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

import attrs

_LOG = "kbroker/storage/log"


def _handlers(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/handlers/test_{name}.py" for name in names)


# The slowest last: a mutant is done with at the first failure.
_OF_LOGS = (
    "tests/storage/log",
    *_handlers("produce", "fetch", "list_offsets", "delete_records", "offset_for_leader_epoch"),
    *_handlers("describe_log_dirs", "describe_producers", "alter_replica_log_dirs"),
    "tests/broker/test_[!c]*.py",
    "tests/broker/test_crashes.py",
)
_OF_GROUPS = (
    "tests/state/groups",
    "tests/state/test_offsets.py",
    "tests/broker/groups",
    "tests/storage/sqlite/test_group_store.py",
    *_handlers("*group*", "heartbeat", "offset_commit", "offset_fetch", "offset_delete", "txn_offset_commit"),
    "tests/test_embedded.py",
    "tests/broker/test_ch*.py",
    "tests/broker/test_crashes.py",
)
_OF_TRANSACTIONS = (
    "tests/state/transactions",
    "tests/state/test_producers.py",
    "tests/broker/transactions",
    *_handlers("*txn*", "*transactions", "init_producer_id", "produce", "fetch", "describe_producers"),
    "tests/storage/log/test_[plr]*.py",
    "tests/broker/test_transaction_crashes.py",
)


@attrs.frozen
class Area:
    """`sources` and `neighbours`, the tests that are asked after a module's own, are patterns of paths."""

    name: str
    sources: Sequence[str]
    neighbours: Sequence[str]

    def has(self, path: str) -> bool:
        """Whether a source file belongs to it."""
        return any(fnmatch(path, pattern) for pattern in self.sources) and not path.endswith("__init__.py")

    def files(self, tree: Path) -> list[str]:
        """Paths of its source files, as they are in the tree."""
        every = sorted((tree / "kbroker").rglob("*.py"))
        return [path for each in every if self.has(path := each.relative_to(tree).as_posix())]


def _in_log(*names: str) -> tuple[str, ...]:
    return tuple(f"{_LOG}/{name}.py" for name in names)


AREAS = (
    Area("log", _in_log("log", "segment", "partition_log"), _OF_LOGS),
    Area("index", _in_log("offset_index", "time_index", "segment_search"), _OF_LOGS),
    Area("recovery", _in_log("recovery", "batch_scan", "checkpoints", "replay"), _OF_LOGS),
    Area(
        "cleaner",
        _in_log("compaction", "cleaned_segment", "cleaner", "log_cleaning", "offset_map"),
        _OF_LOGS,
    ),
    Area("groups", ("kbroker/state/groups/*.py", "kbroker/broker/groups/*.py"), _OF_GROUPS),
    Area("offsets", ("kbroker/state/offsets.py", "kbroker/storage/sqlite/group_store.py"), _OF_GROUPS),
    Area("producers", ("kbroker/state/producers.py",), _OF_TRANSACTIONS),
    Area(
        "transactions",
        ("kbroker/state/transactions/*.py", "kbroker/broker/transactions/*.py"),
        _OF_TRANSACTIONS,
    ),
)


def area_of(path: str) -> str:
    """The name of the area that a source file belongs to. Raises LookupError."""
    return _area(path).name


def own_tests(path: str) -> str:
    """The test file that mirrors a source file."""
    source = Path(path)
    return Path("tests", *source.parent.parts[1:], f"test_{source.name}").as_posix()


def neighbours(path: str, tree: Path) -> list[str]:
    """Tests that are asked after a source file's own, the nearest first."""
    found = [each for pattern in _area(path).neighbours for each in sorted(tree.glob(pattern))]
    return [each.relative_to(tree).as_posix() for each in found]


def _area(path: str) -> Area:
    for area in AREAS:
        if area.has(path):
            return area
    raise LookupError(path)
