"""The cluster's finalised features: kept in the store, changed by UpdateFeatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kbroker.state.features import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kbroker.storage.interfaces.meta import MetaStore


class Features:
    """Which level of each feature is finalised. One that was never changed has its initial level.

    Levels are read anew at each use: `UpdateFeatures` takes effect at once.
    """

    def __init__(self, store: MetaStore) -> None:
        self._store = store
        self._levels = {name: feature.initial for name, feature in FEATURES.items()}
        self.epoch = 0  # becomes more with each change, also over restarts: clients keep what has the highest

    async def load(self, stored: Mapping[str, int]) -> None:
        """Take over what was stored. Features of a later kbroker are left alone."""
        self.epoch = await self._store.changes()
        self._levels |= {name: level for name, level in stored.items() if name in FEATURES}

    def finalized(self, name: str) -> int:
        """The finalised level of a feature; 0 is off. Raises KeyError for one that is unknown."""
        return self._levels[name]

    def all(self) -> Mapping[str, int]:
        """The finalised level of each feature."""
        return self._levels

    async def finalize(self, levels: Mapping[str, int]) -> None:
        """Set these levels, all or none, durably. They must be valid: see `state.features`.

        Raises KafkaError KAFKA_STORAGE_ERROR.
        """
        await self._store.set_features(levels)
        self._levels |= levels
        self.epoch = await self._store.changes()
