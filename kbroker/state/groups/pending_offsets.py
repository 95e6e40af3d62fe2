"""Offsets that transactions have committed to a group, and that wait for the transactions' ends (KIP-98, KIP-447)."""

from collections.abc import Iterable, Iterator

from attrs import Factory, define

from kbroker.state.offsets import CommittedOffset, TopicPartition

ProducerAndPartition = tuple[int, TopicPartition]


@define
class PendingOffset:
    """An offset that a transaction holds. One that is `superseded` counts for nothing when the transaction commits."""

    offset: CommittedOffset
    superseded: bool = False


@define
class EndedOffsets:
    """What a transaction's end does to a group: offsets that count from now on, pending ones that no longer do."""

    committed: dict[TopicPartition, CommittedOffset] = Factory(dict)
    superseded: list[ProducerAndPartition] = Factory(list)


@define
class PendingOffsets:
    """A group's pending offsets. Where several commits meet, the one that was made last counts, as in Kafka's log.

    So what is pending is superseded by later commits without a transaction, and by later ones of transactions
    that end before.
    """

    # Those of a partition by producer id, in the order in which they were made.
    _by_partition: dict[TopicPartition, dict[int, PendingOffset]] = Factory(dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._by_partition)

    def __contains__(self, partition: TopicPartition) -> bool:
        """Whether a partition's offset is about to change."""
        return partition in self._by_partition

    def __iter__(self) -> Iterator[TopicPartition]:
        """Every partition with a pending offset."""
        return iter(self._by_partition)

    def put(self, producer_id: int, partition: TopicPartition, pending: PendingOffset) -> None:
        """A transaction commits an offset; its former one is forgotten."""
        of_partition = self._by_partition.setdefault(partition, {})
        of_partition.pop(producer_id, None)
        of_partition[producer_id] = pending

    def later_commits(self, partitions: Iterable[TopicPartition]) -> list[ProducerAndPartition]:
        """What commits without a transaction would supersede."""
        return [
            (producer_id, partition)
            for partition in partitions
            for producer_id, pending in self._by_partition.get(partition, {}).items()
            if not pending.superseded
        ]

    def supersede(self, pending: Iterable[ProducerAndPartition]) -> None:
        """Pending offsets no longer count; they wait for their transactions' ends all the same."""
        for producer_id, partition in pending:
            self._by_partition[partition][producer_id].superseded = True

    def end(self, producer_id: int, *, commit: bool) -> EndedOffsets:
        """What the end of a producer's transaction will do, see `remove` and `supersede`."""
        ended = EndedOffsets()
        if not commit:
            return ended
        for partition, of_partition in self._by_partition.items():
            pending = of_partition.get(producer_id)
            if pending is None or pending.superseded:
                continue
            ended.committed[partition] = pending.offset
            for other_id, other in of_partition.items():
                if other_id == producer_id:
                    break
                if not other.superseded:
                    ended.superseded.append((other_id, partition))
        return ended

    def remove(self, producer_id: int) -> None:
        """A producer's transaction has ended."""
        for partition in [each for each, producers in self._by_partition.items() if producer_id in producers]:
            del self._by_partition[partition][producer_id]
            if not self._by_partition[partition]:
                del self._by_partition[partition]

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Partitions' offsets are deleted, pending ones too."""
        for partition in partitions:
            self._by_partition.pop(partition, None)
