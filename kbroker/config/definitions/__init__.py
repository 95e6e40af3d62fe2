"""Every setting of a broker, by name: `BROKER_CONFIGS`, and which of them topics inherit.

The tables beside this file are Apache Kafka 4.3.1's, split by area. `kbroker.py` has what is kbroker's own.
Settings of topics, groups and client metrics are in `topic`, `group_resource` and `client_metrics`, by name as well.
"""

from collections.abc import Mapping

from attrs import evolve

from kbroker.config.definitions import (
    groups,
    kbroker,
    log,
    network,
    quorum,
    remote,
    replication,
    security,
    transactions,
)
from kbroker.config.definitions.definition import Definition, Update, by_name
from kbroker.config.definitions.synonyms import TOPIC_SYNONYMS, broker_synonyms
from kbroker.config.different_defaults import DIFFERENT_DEFAULTS

__all__ = [
    "BROKER_CONFIGS",
    "TOPIC_SYNONYMS",
    "Definition",
    "Update",
    "broker_synonyms",
    "definition_of",
]


def _with_our_defaults(definitions: Mapping[str, Definition]) -> Mapping[str, Definition]:
    return {
        name: evolve(definition, default=DIFFERENT_DEFAULTS[name].value)
        if name in DIFFERENT_DEFAULTS
        else definition
        for name, definition in definitions.items()
    }


BROKER_CONFIGS = _with_our_defaults(
    by_name(
        groups.SETTINGS,
        kbroker.SETTINGS,
        log.SETTINGS,
        network.SETTINGS,
        quorum.SETTINGS,
        remote.SETTINGS,
        replication.SETTINGS,
        security.SETTINGS,
        transactions.SETTINGS,
    )
)


def definition_of(name: str) -> Definition | None:
    """What is known about a broker setting; `listener.name.<listener>.<setting>` is as its setting is."""
    return BROKER_CONFIGS.get(name) or BROKER_CONFIGS.get(broker_synonyms(name)[-1])
