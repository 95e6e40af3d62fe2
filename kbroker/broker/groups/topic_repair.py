"""Sees that `__consumer_offsets` tells what the store of groups holds."""

import logging
from collections.abc import Mapping

from attrs import define

from kbroker.broker.changelog import Changelog
from kbroker.broker.changelog_repair import Pause, Truth, repair
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.state.groups.group import Group
from kbroker.state.groups.records import group_key, offset_key, offset_value
from kbroker.storage.interfaces import GroupStore

log = logging.getLogger(__name__)


@define
class TopicRepair:
    """Compares the topic's partitions with the groups, one at a time."""

    _groups: dict[str, Group]
    _store: GroupStore
    _changelog: Changelog

    async def suspect(self, sizes_bytes: Mapping[int, int], *, clean: bool) -> None:
        """Mark what may be stale after a start; `sizes_bytes` are those of all partitions, if there is the topic.

        After a clean stop these are partitions that tell nothing of the groups they should: once the topic was empty.
        """
        indexes = {await self._changelog.partition_of(group_id) for group_id in self._groups}
        if clean:
            self._changelog.stale |= {index for index in indexes if not sizes_bytes.get(index)}
        else:
            self._changelog.stale |= indexes.union(index for index, size in sizes_bytes.items() if size)

    @property
    def is_due(self) -> bool:
        """Whether a partition is stale."""
        return bool(self._changelog.stale)

    async def run(self, pause: Pause) -> None:
        """Repair stale partitions; one that fails stays so."""
        for index in list(self._changelog.stale):
            self._changelog.stale.discard(index)
            try:
                corrections = await repair(self._changelog, index, lambda: self._truth(index), pause)  # noqa: B023
            except (KafkaError, ProtocolError) as error:
                self._changelog.stale.add(index)
                log.warning("__consumer_offsets-%d cannot be repaired yet: %s", index, error)
            else:
                if corrections:
                    log.info(
                        "__consumer_offsets-%d has been told of %d changes it lacked", index, corrections
                    )

    async def _truth(self, index: int) -> tuple[Truth, set[bytes]]:
        held: dict[bytes, tuple[bytes, ...]] = {}
        in_flux: set[bytes] = set()
        for group in self._groups.values():
            name = group.group_id
            if await self._changelog.partition_of(name) != index:
                continue
            state = await self._store.state(name)
            if state is not None:
                held[group_key(name)] = (state,)
            for topic, partitions in group.offsets.by_topic.items():
                for partition, offset in partitions.items():
                    held[offset_key(name, topic, partition)] = (
                        offset_value(offset),
                        offset_value(offset, transactional=True),
                    )
            in_flux.update(offset_key(name, *partition) for partition in group.pending_offsets)
        return held, in_flux
