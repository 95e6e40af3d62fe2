"""Features of the cluster: which levels the broker knows of each, and the one that is finalised (KIP-584, KIP-1022).

A feature at level 0 is off and not among the finalised ones. `group.version`, `share.version` and `streams.version`
stand for group protocols that are not served, so they are unknown here.
"""

from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Feature:
    """A feature, the levels that may be finalised, and the one a new cluster has.

    One that is not `advertised` has its level, but clients are not told of it yet.
    """

    name: str
    lowest: int
    highest: int
    initial: int
    advertised: bool = True


KRAFT_VERSION: Final = "kraft.version"
METADATA_VERSION: Final = "metadata.version"
TRANSACTION_VERSION: Final = "transaction.version"
ELIGIBLE_LEADER_REPLICAS_VERSION: Final = "eligible.leader.replicas.version"

FEATURES: Final[Mapping[str, Feature]] = {
    feature.name: feature
    for feature in (
        Feature(KRAFT_VERSION, 0, 1, 1),
        Feature(METADATA_VERSION, 7, 30, 30),
        # Not before transactions are served: clients take it for the protocol to use (KIP-890).
        Feature(TRANSACTION_VERSION, 0, 2, 2, advertised=False),
        Feature(ELIGIBLE_LEADER_REPLICAS_VERSION, 0, 1, 1),
    )
}


def advertised() -> list[Feature]:
    """The features that clients are told of."""
    return [feature for feature in FEATURES.values() if feature.advertised]
