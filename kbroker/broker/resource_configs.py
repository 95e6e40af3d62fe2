"""What is set on groups and on subscriptions to client metrics, which need not exist otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kbroker.storage.interfaces.meta import MetaStore

ResourceKey = tuple[int, str]  # a ResourceType and a name


class ResourceConfigs:
    """Settings by resource. One that has none left is forgotten."""

    def __init__(self, store: MetaStore) -> None:
        self._store = store
        self._configs: dict[ResourceKey, Mapping[str, str]] = {}
        self._changes = trio.Lock()

    def load(self, stored: Mapping[ResourceKey, Mapping[str, str]]) -> None:
        """Take over what was stored."""
        self._configs = dict(stored)

    def of(self, resource_type: int, name: str) -> Mapping[str, str]:
        """What is set on a resource."""
        return self._configs.get((resource_type, name), {})

    def names(self, resource_type: int) -> list[str]:
        """The resources of a type on which something is set."""
        return sorted(name for kind, name in self._configs if kind == resource_type)

    async def change(
        self, resource_type: int, name: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> None:
        """Replace what is set by what `change` makes of it, durably.

        Raises KafkaError KAFKA_STORAGE_ERROR, and what `change` raises.
        """
        async with self._changes:
            configs = change(self.of(resource_type, name))
            await self._store.set_resource_configs(resource_type, name, configs)
            if configs:
                self._configs[resource_type, name] = configs
            else:
                self._configs.pop((resource_type, name), None)
