"""Defaults in a container, where Kafka's images have them: weaker than anything that the user gives.

- property files in /mnt/shared/config, as apache/kafka reads them
- data in /var/lib/kafka/data, or in /bitnami/kafka/data when the settings are bitnami's (`KAFKA_CFG_…`)
- without any listener, all addresses are listened on, and clients are told localhost:9092, the port that
  people publish: the container's own address is of no use outside
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kbroker.config.broker_config import StaticValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.config.sources import Sources

CONFIG_DIR = Path("/mnt/shared/config")
DATA_DIR = "/var/lib/kafka/data"
BITNAMI_DATA_DIR = "/bitnami/kafka/data"
ADVERTISED = "PLAINTEXT://localhost:9092"
_ORIGIN = "container default"


def add_container_defaults(sources: Sources, environ: Mapping[str, str]) -> None:
    """Add property files and the data directory, before anything else."""
    bitnami = any(name.startswith("KAFKA_CFG_") for name in environ)
    sources.values["log.dirs"] = StaticValue(BITNAMI_DATA_DIR if bitnami else DATA_DIR, _ORIGIN)
    if CONFIG_DIR.is_dir():
        for path in sorted(CONFIG_DIR.glob("*.properties")):
            sources.add_file(path)


def add_container_listeners(sources: Sources) -> None:
    """Tell clients localhost, unless anything says where to listen. To be called after everything else."""
    if not {"listeners", "advertised.listeners"} & sources.values.keys():
        sources.values["advertised.listeners"] = StaticValue(ADVERTISED, _ORIGIN)
