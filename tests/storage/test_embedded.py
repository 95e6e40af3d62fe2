"""The stores of one data directory, opened and closed together."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kbroker.clock import SystemClock
from kbroker.config.broker_config import BrokerConfig
from kbroker.errors import StartupError
from kbroker.storage.embedded import EmbeddedStores, data_dirs, open_stores
from kbroker.storage.interfaces.meta import StoredTopic
from kbroker.storage.sqlite.database import FILE_NAME, Database

TOPIC_ID = bytes(range(16))


def opened(path: Path, **configs: str) -> EmbeddedStores:
    config = BrokerConfig.of({name.replace("_", "."): value for name, value in configs.items()})
    return open_stores(path, config, SystemClock())


async def test_what_one_process_stored_the_next_one_finds(tmp_path: Path) -> None:
    stores = opened(tmp_path / "new" / "data")
    topic = StoredTopic("t", TOPIC_ID, 1, {})
    await stores.meta.create_topic(topic)
    await stores.groups.save_group("g", b"state")
    cluster_id = (await stores.meta.load()).cluster_id
    stores.logs.close()
    stores.close()

    again = opened(tmp_path / "new" / "data")
    metadata = await again.meta.load()
    assert (metadata.cluster_id, metadata.topics) == (cluster_id, [topic])
    assert [group.group_id for group in await again.groups.load()] == ["g"]
    again.close()


async def test_logs_follow_the_brokers_settings(tmp_path: Path) -> None:
    stores = opened(tmp_path, producer_id_expiration_ms="5")
    assert stores.logs._environment.producer_id_expiration_ms == 5
    stores.close()


@pytest.mark.parametrize(("messages", "level"), [("1", 2), ("2", 1)])
async def test_a_broker_that_syncs_each_record_syncs_its_database_too(
    tmp_path: Path, messages: str, level: int
) -> None:
    stores = opened(tmp_path, log_flush_interval_messages=messages)
    assert stores.meta._database.connection.execute("PRAGMA synchronous").fetchone() == (level,)
    stores.close()


def newer_database(path: Path) -> None:
    Database.open(path / FILE_NAME, [f"CREATE TABLE t{number} (x)" for number in range(100)]).close()


def damaged_database(path: Path) -> None:
    (path / FILE_NAME).write_bytes(b"not a database" * 100)


def damaged_format(path: Path) -> None:
    (path / "kbroker.format").write_text("x")


def directory_in_the_way(path: Path) -> None:
    (path / FILE_NAME).mkdir()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (newer_database, "schema version 100"),
        (damaged_database, "not a database"),
        (damaged_format, "format version"),
        (directory_in_the_way, "can't use data directory"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_kept_locked(
    tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    path = tmp_path / "data"
    path.mkdir()
    spoil(path)
    for _ in range(2):
        with pytest.raises(StartupError, match=says):
            opened(path)


def test_a_directory_of_another_node_is_refused(tmp_path: Path) -> None:
    opened(tmp_path, node_id="1").close()
    with pytest.raises(StartupError, match=r"node\.id 1"):
        opened(tmp_path, node_id="2")
    opened(tmp_path, node_id="1").close()


def several(path: Path) -> dict[str, str]:
    return {"log_dirs": ",".join(str(path / name) for name in ("a", "b"))}


def test_further_directories_belong_to_the_same_cluster(tmp_path: Path) -> None:
    opened(tmp_path / "b").close()
    stores = opened(tmp_path / "a", **several(tmp_path))
    stores.close()
    properties = [(tmp_path / name / "meta.properties").read_text() for name in ("a", "b")]
    cluster, other = (
        [line for line in text.splitlines() if line.startswith("cluster")] for text in properties
    )
    assert cluster == other
    opened(tmp_path / "c").close()
    with pytest.raises(StartupError, match="belongs to cluster"):
        opened(tmp_path / "a", log_dirs=f"{tmp_path}/a,{tmp_path}/c")


def test_further_directories_have_an_id_of_their_own(tmp_path: Path) -> None:
    stores = opened(tmp_path / "a", **several(tmp_path))
    stores.close()
    (tmp_path / "b" / "meta.properties").write_text((tmp_path / "a" / "meta.properties").read_text())
    with pytest.raises(StartupError, match=r"the same directory\.id"):
        opened(tmp_path / "a", **several(tmp_path))


async def test_a_further_directory_may_be_offline_the_first_may_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "b").write_text("no directory")
    stores = opened(tmp_path / "a", **several(tmp_path))
    assert [each.online for each in await stores.logs.log_dirs()] == [True, False]
    stores.close()
    assert "its partitions are not served" in caplog.text
    with pytest.raises(StartupError):
        opened(tmp_path / "b", log_dirs=f"{tmp_path}/b,{tmp_path}/a")


def test_data_dirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_dirs(BrokerConfig.of()) == [tmp_path / "kbroker-data"]
    configured = BrokerConfig.of({"log.dir": "/a", "log.dirs": "/b, /c"})
    assert data_dirs(configured) == [Path("/b"), Path("/c")]


@pytest.mark.parametrize("name", ["/a\0b", "~nobody-of-this-name/data"])
def test_a_data_directory_that_no_path_leads_to(name: str) -> None:
    with pytest.raises(StartupError, match=r"log\.dirs"):
        data_dirs(BrokerConfig.of({"log.dirs": name}))
