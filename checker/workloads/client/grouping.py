"""Members of a group, who subscribe, commit, and come and go."""

import contextlib

from workloads.client.adapter import Client, ClientConsumer, ClientError, Partition
from workloads.client.committing import Offsets
from workloads.client.following import Reads
from workloads.client.persistence import until_done
from workloads.settings import Worker
from workloads.topics import topic

MOST_POLLS = 60


class Member:
    """One member of the group, over and over again."""

    def __init__(self, worker: Worker, client: Client, index: int) -> None:
        self._worker, self._client, self._name = worker, client, f"{worker.name}.member-{index}"
        self._rng = worker.rng(self._name)
        self._offsets = Offsets(worker.recorder, self._name, f"{worker.name}.members")
        self._generation: int | None = None

    def run(self) -> None:
        """Work."""
        subscribed = topic(self._worker.name, "grouped")
        while not self._worker.stopping.is_set():
            consumer = until_done(
                "a member",
                lambda: self._client.consumer(self._offsets.group, subscribe=subscribed, committed=True),
            )
            reads = Reads(self._worker.recorder, self._name, committed=True, follows=False)
            for _ in range(self._rng.randrange(MOST_POLLS)):
                if self._worker.stopping.is_set():
                    break
                with contextlib.suppress(ClientError):
                    self._round(consumer, reads)
            consumer.close()

    def _round(self, consumer: ClientConsumer, reads: Reads) -> None:
        records = reads.poll(consumer)
        generation, member, owned = consumer.owned()
        if generation != self._generation:
            self._generation = generation
            if generation is not None:
                operation = self._worker.recorder.invoke(self._name, "owned", group=self._offsets.group)
                operation.ok(generation=generation, member=member, owned=owned)
        offsets: dict[Partition, int] = {}
        for record in records:
            offsets[record.topic, record.partition] = record.offset + 1
        if offsets:
            self._offsets.commit(consumer, offsets)
            self._offsets.committed(consumer, list(offsets))
