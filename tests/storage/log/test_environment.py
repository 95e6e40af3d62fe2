"""What logs share, and where its settings come from."""

from pathlib import Path

from kbroker.config.broker_config import BrokerConfig
from kbroker.storage.log.environment import LogEnvironment

from .conftest import NOW_MS, FaultyFileSystem, FixedClock


def test_settings_are_asked_for_anew_each_time() -> None:
    settings = BrokerConfig.of({"producer.id.expiration.ms": "5"})
    environment = LogEnvironment(FixedClock(), settings=settings)
    assert environment.producer_id_expiration_ms == 5
    assert environment.dedupe_buffer_bytes == 128 * 1024 * 1024
    settings.set_dynamic("", {"producer.id.expiration.ms": "6", "log.cleaner.dedupe.buffer.size": "2000000"})
    assert environment.producer_id_expiration_ms == 6
    assert environment.dedupe_buffer_bytes == 2_000_000


def test_removals_go_through_the_same_file_system(tmp_path: Path) -> None:
    files = FaultyFileSystem()
    removed: list[str] = []
    files.unlink = removed.append  # type: ignore[method-assign, assignment]
    environment = LogEnvironment(FixedClock(), files)
    environment.trash.add(str(tmp_path / "file"))
    environment.trash.remove_due(NOW_MS)
    assert removed == [str(tmp_path / "file")]


def test_each_environment_has_its_own_open_files_and_some_of_the_process_to_open() -> None:
    one, other = LogEnvironment(FixedClock()), LogEnvironment(FixedClock())
    assert one.open_files is not other.open_files
    assert one.open_files.limit >= 16
