"""Defaults in a container are weaker than anything a user gives."""

from pathlib import Path

import pytest

from kbroker.cli import container
from kbroker.config.listeners import Listener, listeners_of
from kbroker.config.sources import Sources


def collected(environ: dict[str, str]) -> Sources:
    sources = Sources()
    container.add_container_defaults(sources, environ)
    sources.add_environment(environ)
    container.add_container_listeners(sources)
    return sources


def test_without_settings_clients_outside_are_told_localhost() -> None:
    config = collected({}).config()
    assert listeners_of(config) == [Listener("PLAINTEXT", "", 9092, "localhost", 9092)]
    assert config.list("log.dirs") == ["/var/lib/kafka/data"]


def test_bitnami_settings_mean_bitnamis_data_directory() -> None:
    config = collected({"KAFKA_CFG_NODE_ID": "0"}).config()
    assert config.list("log.dirs") == ["/bitnami/kafka/data"]


def test_what_the_user_gives_wins() -> None:
    config = collected({"KAFKA_LISTENERS": "PLAINTEXT://:1", "KAFKA_LOG_DIRS": "/data"}).config()
    assert listeners_of(config) == [Listener("PLAINTEXT", "", 1)]
    assert config.list("log.dirs") == ["/data"]


def test_property_files_are_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "CONFIG_DIR", tmp_path)
    (tmp_path / "server.properties").write_text("num.partitions=3\nlog.retention.hours=1\nlog.dirs=/d")
    config = collected({"KAFKA_NUM_PARTITIONS": "4"}).config()
    assert config.int("num.partitions") == 4
    assert config.int("log.retention.hours") == 1
    assert config.list("log.dirs") == ["/d"]
