"""Several log.dirs: where partitions are, and what becomes of those whose directory is of no use."""

import shutil
from pathlib import Path

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

from .conftest import FaultyFileSystem, append, batch, now, read_all
from .several import Several


@pytest.fixture
def several(tmp_path: Path) -> Several:
    several = Several(tmp_path)
    several.start()
    return several


def code(several: Several, index: int) -> ErrorCode:
    with pytest.raises(KafkaError) as caught:
        append(several.partition(index), batch())
    return caught.value.code


def test_partitions_are_spread_and_found_again(several: Several) -> None:
    now(several.store.place("t", range(7)))
    for index in range(7):
        append(several.partition(index), batch(index + 1))
    assert several.homes() == {"d0": [0, 3, 6], "d1": [1, 4], "d2": [2, 5]}
    for end in (several.stop, several.kill):
        end()
        several.start()
        assert [several.partition(index).high_watermark for index in range(7)] == [*range(1, 8)]
    several.stop()
    assert all((path / ".kafka_cleanshutdown").exists() for path in several.paths)


def test_a_directory_of_one_broker_goes_on_as_one_of_several(tmp_path: Path) -> None:
    alone = Several(tmp_path, 1)
    alone.start()
    for index in range(3):
        append(alone.partition(index), batch())
    alone.stop()
    assert alone.ids.homes == {}
    more = Several(tmp_path)
    more.start()
    assert read_all(more.partition(1)) == [0]
    now(more.store.place("t", range(3, 5)))
    assert [more.partition(index).high_watermark for index in (3, 4)] == [0, 0]
    assert more.homes() == {"d0": [0, 1, 2], "d1": [3], "d2": [4]}
    more.stop()


def test_an_error_gives_up_one_directory_and_the_others_go_on(several: Several) -> None:
    now(several.store.place("t", range(4)))
    for index in range(4):
        append(several.partition(index), batch())
    files = several.files
    assert isinstance(files, FaultyFileSystem)
    files.broken.add("sync_file")
    several.partition(1).config.flush_messages = 1
    assert code(several, 1) == ErrorCode.KAFKA_STORAGE_ERROR
    files.broken.clear()
    several.config.flush_messages = 1000
    assert [several.store.is_offline("t", index) for index in range(4)] == [False, True, False, False]
    assert [each.online for each in now(several.store.log_dirs())] == [True, False, True]
    assert code(several, 1) == ErrorCode.KAFKA_STORAGE_ERROR
    assert several.sizes(1) == []
    for index in (0, 2, 3):
        append(several.partition(index), batch())
    now(several.store.place("u", range(2)))
    assert several.partition(0, "u").log.directory.endswith("/d2/u-0")
    several.stop()
    assert [(path / ".kafka_cleanshutdown").exists() for path in several.paths] == [True, False, True]


def test_a_full_disk_is_no_reason_to_give_a_directory_up(several: Several) -> None:
    files = several.files
    assert isinstance(files, FaultyFileSystem)
    log = several.partition()
    files.write_limit = 0
    assert code(several, 0) == ErrorCode.KAFKA_STORAGE_ERROR
    files.write_limit = None
    append(log, batch())
    several.stop()


def test_a_partition_whose_directory_is_missing_is_not_made_anew_elsewhere(several: Several) -> None:
    now(several.store.place("t", range(3)))
    for index in range(3):
        append(several.partition(index), batch())
    several.stop()
    several.start(offline=(1,))
    assert code(several, 1) == ErrorCode.KAFKA_STORAGE_ERROR
    assert several.store.is_offline("t", 1)
    assert read_all(several.partition(2)) == [0]
    several.stop()
    several.start()
    assert read_all(several.partition(1)) == [0]
    now(several.store.delete_topic("t", bytes(range(16)), 3))
    assert several.homes() == {"d0": [], "d1": [], "d2": []}
    assert several.ids.homes == {}
    several.stop()


def test_a_partition_moved_by_hand_is_found(several: Several) -> None:
    append(several.partition(), batch())
    several.stop()
    shutil.move(several.paths[0] / "t-0", several.paths[2] / "t-0")
    several.start()
    assert read_all(several.partition()) == [0]
    assert several.sizes()[0][0] == "d2"
    several.stop()


@pytest.mark.parametrize(("cordoned", "homes"), [("{d0},{d2}", "d1 d1"), ("", "d0 d1")])
def test_cordoned_directories_get_no_new_partitions(tmp_path: Path, cordoned: str, homes: str) -> None:
    several = Several(tmp_path)
    named = cordoned.format(**{path.name: path for path in several.paths})
    several.settings.set_dynamic("0", {"cordoned.log.dirs": named})
    several.start()
    now(several.store.place("t", range(2)))
    assert [several.sizes(index)[0][0] for index in range(2)] == homes.split()
    assert [Path(each.path).name in cordoned for each in now(several.store.log_dirs())] == [
        each.cordoned for each in now(several.store.log_dirs())
    ]
    several.stop()


@pytest.mark.parametrize("count", [1, 3])
def test_all_directories_are_cordoned(tmp_path: Path, count: int) -> None:
    several = Several(tmp_path, count)
    several.settings.set_dynamic("0", {"cordoned.log.dirs": "*"})
    several.start()
    with pytest.raises(KafkaError) as caught:
        now(several.store.place("t", range(2)))
    assert caught.value.code == ErrorCode.INVALID_REPLICATION_FACTOR
    several.stop()


def test_only_directories_of_the_broker_can_be_cordoned() -> None:
    config = BrokerConfig.of({"log.dirs": "/a,/b"})
    config.check_dynamic("0", {"cordoned.log.dirs": "/b"})
    with pytest.raises(KafkaError, match="Missing entries : /c"):
        config.check_dynamic("0", {"cordoned.log.dirs": "/c"})
