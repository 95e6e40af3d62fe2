"""Consumers' reads, recorded, and a consumer without a group."""

from collections.abc import Sequence

from histories.identity import IDENTITY, unpacked
from histories.recorder import Recorder

from workloads.client.adapter import Client, ClientConsumer, ClientError, Partition, Read
from workloads.client.persistence import until_done
from workloads.settings import Worker
from workloads.topics import PARTITIONS, topic

POLL_S = 0.1


class Reads:
    """Records what one consumer reads: what it shows from where it was to the last record it shows."""

    def __init__(self, recorder: Recorder, name: str, *, committed: bool) -> None:
        self._recorder, self._name = recorder, name
        self._isolation = "committed" if committed else "uncommitted"
        self.positions: dict[Partition, int] = {}

    def poll(self, consumer: ClientConsumer) -> list[Read]:
        """Some records. Raises ClientError."""
        records = consumer.poll(POLL_S)
        by_partition: dict[Partition, list[Read]] = {}
        for record in records:
            by_partition.setdefault((record.topic, record.partition), []).append(record)
        for where, found in by_partition.items():
            position = self.positions.get(where, found[0].offset)
            after = found[-1].offset + 1
            runs = [[each.offset, *unpacked(IDENTITY.unpack_from(each.value)[0]), 1] for each in found]
            operation = self._recorder.invoke(
                self._name, "read", topic=where[0], partition=where[1], isolation=self._isolation,
                **{"from": position},
            )  # fmt: skip
            operation.ok(runs=runs, next=after)
            self.positions[where] = after
        return records


class Follower:
    """Follows some kinds of topics until the worker stops."""

    def __init__(self, worker: Worker, client: Client, kinds: Sequence[str]) -> None:
        self._worker, self._client = worker, client
        self._partitions = [
            (topic(worker.name, kind), partition) for kind in kinds for partition in range(PARTITIONS)
        ]
        self._reads = Reads(worker.recorder, f"{worker.name}.follower", committed=True)

    def run(self) -> None:
        """Work."""
        consumer = until_done(
            "a consumer",
            lambda: self._client.consumer(None, assign=self._partitions, committed=True),
        )
        while not self._worker.stopping.is_set():
            try:
                self._reads.poll(consumer)
            except ClientError:
                continue
        consumer.close()
