from pathlib import Path

import pytest

from kbroker.storage.log.future_log import FutureLog

from .compacting import Inline
from .conftest import append, batch, now, read_all
from .several import Several


@pytest.fixture
def several(tmp_path: Path) -> Several:
    several = Several(tmp_path, 2)
    several.start()
    return several


def copy_of(several: Several) -> FutureLog:
    directory = several.paths[1] / "t-0.copy"
    directory.mkdir()
    log = several.partition()
    return now(FutureLog.open(log, str(directory), log.log.environment, Inline()))


def test_the_rate_is_asked_for(several: Several) -> None:
    """replica.alter.log.dirs.io.max.bytes.per.second"""
    append(several.partition(), batch(size=1000))
    waited = []

    class Waiting(Inline):
        async def throttle(self, size: int, bytes_per_second: float) -> None:
            waited.append((size, bytes_per_second))

    copy = copy_of(several)
    now(copy.catch_up(Waiting(), lambda: True, lambda: 10_000))
    assert waited == [(1000, 10_000)]
    assert (copy.lag, copy.size_bytes) == (0, 1000)
    several.kill()


def test_it_begins_with_the_batch_that_holds_the_first_offset(several: Several) -> None:
    log = several.partition()
    for _ in range(3):
        append(log, batch(4))
    now(log.delete_records(6))
    copy = copy_of(several)
    copy.copy_rest()
    assert (copy.log.segments[0].base_offset, copy.log.end) == (4, 12)
    several.kill()


def test_what_was_deleted_before_it_was_copied_is_left_out(several: Several) -> None:
    log = several.partition()
    append(log, batch(4))
    copy = copy_of(several)
    copy.copy_rest()
    append(log, batch(4))
    append(log, batch(4))
    now(log.delete_records(9))
    copy.copy_rest()
    assert [segment.base_offset for segment in copy.log.segments] == [8]
    assert (read_all(log), copy.log.end) == ([8], 12)
    now(log.delete_records(12))
    append(log, batch())
    copy.copy_rest()
    assert copy.log.end == 13
    several.kill()
