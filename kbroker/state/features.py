"""Features of the cluster: which levels the broker knows of each, and the one that is finalised (KIP-584, KIP-1022).

A feature at level 0 is off and not among the finalised ones. `group.version`, `share.version` and `streams.version`
stand for group protocols that are not served, so they are unknown here.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

from attrs import frozen

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


@frozen
class Feature:
    """A feature, the levels that may be finalised, and the one a new cluster has."""

    name: str
    lowest: int
    highest: int
    initial: int


KRAFT_VERSION: Final = "kraft.version"
METADATA_VERSION: Final = "metadata.version"
TRANSACTION_VERSION: Final = "transaction.version"
ELIGIBLE_LEADER_REPLICAS_VERSION: Final = "eligible.leader.replicas.version"

FEATURES: Final[Mapping[str, Feature]] = {
    feature.name: feature
    for feature in (
        Feature(KRAFT_VERSION, 0, 1, 1),
        Feature(METADATA_VERSION, 7, 30, 30),
        Feature(TRANSACTION_VERSION, 0, 2, 2),
        Feature(ELIGIBLE_LEADER_REPLICAS_VERSION, 0, 1, 1),
    )
}


class UpgradeType(IntEnum):
    """Which way a level may go."""

    UPGRADE = 1
    SAFE_DOWNGRADE = 2
    UNSAFE_DOWNGRADE = 3


@frozen
class FeatureUpdate:
    """A level to finalise. The upgrade type may be one that does not exist."""

    name: str
    level: int
    upgrade_type: int


def updated_levels(
    finalized: Mapping[str, int], updates: Iterable[FeatureUpdate], node_id: int
) -> dict[str, int]:
    """The levels that differ once these updates are made on this node, in Apache Kafka's order of checks.

    Raises KafkaError INVALID_UPDATE_VERSION for the first that is refused.
    """
    levels = {}
    for update in updates:
        _check(update, finalized.get(update.name, 0), node_id)
        if update.level != finalized[update.name]:
            levels[update.name] = update.level
    return levels


def _check(update: FeatureUpdate, current: int, node_id: int) -> None:
    """The texts are Apache Kafka's, for its tool prints them."""
    level, feature, this = update.level, FEATURES.get(update.name), f"Local controller {node_id}"
    if update.upgrade_type not in UpgradeType.__members__.values():
        raise _refused(update, "The controller does not support the given upgrade type.")
    if level < 0:
        raise _refused(update, "A feature version cannot be less than 0.")
    if feature is None:
        unknown = f"{this} does not support this feature." if level else f"Feature {update.name} not found."
        raise _refused(update, unknown)
    if not feature.lowest <= level <= feature.highest:
        raise _refused(update, f"{this} only supports versions {feature.lowest}-{feature.highest}")
    if level < current and update.upgrade_type == UpgradeType.UPGRADE:
        raise _refused(
            update,
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
            "unsafe downgrade.",
        )
    if level > current and update.upgrade_type != UpgradeType.UPGRADE:
        raise _refused(update, "Can't downgrade to a newer version.")
    if level < current and update.name == METADATA_VERSION:
        raise _error(
            f"Unsupported metadata.version downgrade from {current} to {level}. "
            + (
                "Refusing to perform the requested downgrade because it might delete metadata information."
                if update.upgrade_type == UpgradeType.SAFE_DOWNGRADE
                else "Unsafe metadata downgrade is not supported in this version."
            )
        )
    if level < current and update.name == KRAFT_VERSION:
        raise _refused(update, "Can't downgrade the version of this feature.")


def _refused(update: FeatureUpdate, reason: str) -> KafkaError:
    return _error(f"Invalid update version {update.level} for feature {update.name}. {reason}")


def _error(reason: str) -> KafkaError:
    return KafkaError(
        ErrorCode.INVALID_UPDATE_VERSION,
        f"The update failed for all features since the following feature had an error: {reason}",
    )
