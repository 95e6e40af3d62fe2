"""Opening a broker on a data directory, and what stands in the way."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kbroker.config.broker_config import BrokerConfig
from kbroker.embedded import open_broker
from kbroker.errors import StartupError


async def test_a_directory_serves_one_broker_at_a_time(tmp_path: Path) -> None:
    async with open_broker(BrokerConfig.of(), tmp_path):
        with pytest.raises(StartupError, match="in use"):
            async with open_broker(BrokerConfig.of(), tmp_path):
                pass
    async with open_broker(BrokerConfig.of(), tmp_path):
        pass


async def test_a_clean_stop_leaves_the_marker(tmp_path: Path) -> None:
    async with open_broker(BrokerConfig.of(), tmp_path):
        assert not (tmp_path / ".kafka_cleanshutdown").exists()
    assert (tmp_path / ".kafka_cleanshutdown").exists()


async def test_a_cluster_id_that_is_asked_for_is_kept(tmp_path: Path) -> None:
    config = BrokerConfig.of({"cluster.id": "MkU3OEVBNTcwNTJENDM2Qg"})
    async with open_broker(config, tmp_path) as broker:
        assert broker.cluster_id == "MkU3OEVBNTcwNTJENDM2Qg"
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        assert broker.cluster_id == "MkU3OEVBNTcwNTJENDM2Qg"
    with pytest.raises(StartupError, match="cluster"):
        async with open_broker(BrokerConfig.of({"cluster.id": "other"}), tmp_path):
            pass


async def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartupError, match="file"):
        async with open_broker(BrokerConfig.of(), tmp_path / "file"):
            pass


async def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "kbroker.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StartupError, match=r"kbroker\.db|database"):
        async with open_broker(BrokerConfig.of(), tmp_path):
            pass


@pytest.fixture
def read_only(tmp_path: Path) -> Path:
    tmp_path.chmod(0o500)
    return tmp_path


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_directory_that_cannot_be_written_is_named(read_only: Path) -> None:
    with pytest.raises(StartupError, match=str(read_only)):
        async with open_broker(BrokerConfig.of(), read_only):
            pass


async def test_a_database_damaged_within_is_no_traceback(tmp_path: Path) -> None:
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        await broker.topics.create("t", 1, {})
    database = tmp_path / "kbroker.db"
    content = bytearray(database.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    database.write_bytes(content)
    with pytest.raises(StartupError, match="database"):
        async with open_broker(BrokerConfig.of(), tmp_path):
            pass


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE topics SET partitions = 'many'",
        "UPDATE topics SET partitions = 0",
        "UPDATE topics SET partitions = 1000001",
        "UPDATE topics SET partitions = 9223372036854775807",
        "UPDATE topics SET topic_id = x'00'",
        "UPDATE topic_configs SET value = 'shrink'",
        "UPDATE topic_configs SET topic_id = x'01'",
        "INSERT INTO consumer_groups VALUES (x'ff', x'')",
        "INSERT INTO committed_offsets VALUES ('g', 't', 0, 1, 4294967296, '', 0, 0, x'')",
        "INSERT INTO client_quotas VALUES ('[[', 'producer_byte_rate', '1')",
        "INSERT INTO client_quotas VALUES ('[[\"user\", \"a\"]]', 'producer_byte_rate', 'much')",
        "INSERT INTO scram_credentials VALUES ('a', 77, x'', x'', x'', 4096)",
    ],
)
async def test_a_row_that_cannot_be_is_no_traceback(tmp_path: Path, change: str) -> None:
    async with open_broker(BrokerConfig.of(), tmp_path) as broker:
        await broker.topics.create("t", 1, {"cleanup.policy": "compact"})
    with closing(sqlite3.connect(tmp_path / "kbroker.db", isolation_level=None)) as connection:
        connection.execute(change)
    with pytest.raises(StartupError, match=str(tmp_path)):
        async with open_broker(BrokerConfig.of(), tmp_path):
            pass
