"""Sees that `__consumer_offsets` tells what the store of groups holds."""

from attrs import define

from kbroker.broker.changelog import Changelog
from kbroker.broker.changelog_repair import TopicRepair, Truth
from kbroker.state.groups.group import Group
from kbroker.state.groups.records import group_key, offset_key, offset_value
from kbroker.state.topics import CONSUMER_OFFSETS
from kbroker.storage.interfaces.groups import GroupStore


def topic_repair(groups: dict[str, Group], store: GroupStore, changelog: Changelog) -> TopicRepair:
    """The repair of `__consumer_offsets`."""
    truth = _GroupsTruth(groups, store, changelog)
    return TopicRepair(CONSUMER_OFFSETS, changelog, lambda: list(groups), truth.of)


@define
class _GroupsTruth:
    _groups: dict[str, Group]
    _store: GroupStore
    _changelog: Changelog

    async def of(self, index: int) -> tuple[Truth, set[bytes]]:
        held: dict[bytes, tuple[bytes, ...]] = {}
        in_flux: set[bytes] = set()
        for group in list(self._groups.values()):
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
