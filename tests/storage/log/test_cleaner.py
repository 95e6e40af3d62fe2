"""Which logs are compacted, and what is remembered of it."""

import logging

import pytest

from kbroker.storage.log.checkpoints import CLEANER_OFFSETS

from .compacting import clean, keyed, records, segment_of
from .conftest import NOW_MS, TOPIC_ID, Disk, append, now


@pytest.fixture(autouse=True)
def compacted_topic(disk: Disk) -> None:
    disk.config.cleanup_policy = frozenset({"compact"})


def checkpoint(disk: Disk) -> str:
    return (disk.path / CLEANER_OFFSETS).read_text()


def test_how_far_a_log_is_compacted_is_remembered_in_kafkas_format(disk: Disk) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    clean(disk)
    assert checkpoint(disk) == "0\n1\nt 0 2\n"
    log = disk.restart()
    segment_of(log, keyed(("a", "3")))
    clean(disk)  # a third of the bytes is dirty, which is not enough
    assert [offset for offset, *_ in records(log)] == [1, 2]
    assert checkpoint(disk) == "0\n1\nt 0 2\n"


def test_a_new_topic_of_the_same_name_begins_anew(disk: Disk) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    clean(disk)
    now(disk.store.delete_topic("t", TOPIC_ID, 1))
    clean(disk)
    assert checkpoint(disk) == "0\n0\n"


def test_the_dirtiest_log_comes_first(disk: Disk) -> None:
    disk.config.min_cleanable_dirty_ratio = 0.0
    first = disk.start()
    second = disk.partition(index=1)
    segment_of(first, keyed(("a", "1")), keyed(("b", "1")))
    clean(disk)
    segment_of(first, keyed(("a", "2")))
    segment_of(second, keyed(("a", "1")), keyed(("a", "2")))
    order = []

    def paused() -> None:
        for log, oldest in ((first, 1), (second, 1)):
            if records(log)[0][0] == oldest and log.index not in order:
                order.append(log.index)

    clean(disk, paused)
    assert order == [1, 0]


@pytest.mark.parametrize(("policy", "left"), [({"delete"}, 2), ({"compact", "delete"}, 1)])
def test_cleanup_policy(disk: Disk, policy: set[str], left: int) -> None:
    log = disk.start()
    disk.config.cleanup_policy = frozenset(policy)
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    clean(disk)
    assert len(records(log)) == left


def test_compacted_and_deleted_by_age(disk: Disk) -> None:
    disk.config.cleanup_policy = frozenset({"compact", "delete"})
    disk.config.retention_ms = 1000
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    append(log, keyed(("b", "1"), timestamp=NOW_MS + 1500))
    clean(disk)
    now(disk.store.enforce_retention(NOW_MS + 1001))
    assert records(log) == [(2, "b", "1")]


def test_a_log_that_fails_keeps_no_other_from_its_turn(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    bad, good = disk.start(), disk.partition(index=1)
    for log in (bad, good):
        segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    bad.log.segments[0].size += 1
    with caplog.at_level(logging.WARNING):
        clean(disk)
        clean(disk)
    assert len(records(good)) == 1
    assert len(caplog.records) == 1


def test_a_full_disk_leaves_the_log_as_it_was(disk: Disk) -> None:
    log = disk.start()
    segment_of(log, keyed(("a", "1")), keyed(("a", "2")))
    disk.files.write_limit = 10
    clean(disk)
    assert len(records(log)) == 2
    assert not [name for name in disk.names() if name.endswith(".cleaned")]
    disk.files.write_limit = None
    clean(disk)
    assert len(records(log)) == 1
