"""Consumers' reads, recorded, and a consumer without a group."""

from collections.abc import Sequence

from histories.identity import IDENTITY, unpacked
from histories.recorder import Recorder

from workloads.client.adapter import Client, ClientConsumer, ClientError, Partition, Read
from workloads.client.persistence import until_done
from workloads.settings import Worker
from workloads.topics import PARTITIONS, topic

POLL_S = 0.1
Run = list[int]  # offset, producer, number, count


class Reads:
    """Records what one consumer reads.

    Who `follows` reads all from where it was to the last record that it shows. Others may be led on by a rebalance at
    any record, so that what is between two of them says nothing.
    """

    def __init__(self, recorder: Recorder, name: str, *, committed: bool, follows: bool = True) -> None:
        self._recorder, self._name, self._follows = recorder, name, follows
        self._isolation = "committed" if committed else "uncommitted"
        self.positions: dict[Partition, int] = {}

    def poll(self, consumer: ClientConsumer) -> list[Read]:
        """Some records. Raises ClientError."""
        records = consumer.poll(POLL_S)
        by_partition: dict[Partition, list[Run]] = {}
        for record in records:
            run = [record.offset, *unpacked(IDENTITY.unpack_from(record.value)[0]), 1]
            by_partition.setdefault((record.topic, record.partition), []).append(run)
        for where, runs in by_partition.items():
            if self._follows:
                self._record(where, self.positions.get(where, runs[0][0]), runs)
            else:
                for run in runs:
                    self._record(where, run[0], [run])
        return records

    def _record(self, where: Partition, position: int, runs: list[Run]) -> None:
        operation = self._recorder.invoke(
            self._name, "read", topic=where[0], partition=where[1], isolation=self._isolation,
            **{"from": position},
        )  # fmt: skip
        self.positions[where] = runs[-1][0] + 1
        operation.ok(runs=runs, next=self.positions[where])


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
