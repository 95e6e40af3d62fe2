"""Commits and fetches of committed offsets by a client, recorded."""

from collections.abc import Mapping, Sequence

from histories.recorder import Recorder

from workloads.client.adapter import ClientConsumer, ClientError, Partition


class Offsets:
    """Of one process of a history, in a group's name."""

    def __init__(self, recorder: Recorder, name: str, group: str) -> None:
        self._recorder, self._name, self.group = recorder, name, group

    def committed(self, consumer: ClientConsumer, partitions: Sequence[Partition]) -> dict[Partition, int]:
        """What is committed, -1 for nothing. Raises ClientError."""
        operation = self._recorder.invoke(
            self._name, "committed", group=self.group, partitions=list(partitions)
        )
        try:
            found = consumer.committed(partitions)
        except ClientError as error:
            operation.unknown(error=str(error))
            raise
        operation.ok(offsets=[[*where, offset] for where, offset in found.items()])
        return found

    def commit(self, consumer: ClientConsumer, offsets: Mapping[Partition, int]) -> None:
        """Commit, in a generation that only the client knows. Raises ClientError."""
        operation = self._recorder.invoke(
            self._name, "commit", group=self.group, generation=None,
            offsets=[[*where, offset] for where, offset in offsets.items()],
        )  # fmt: skip
        try:
            consumer.commit(offsets)
        except ClientError as error:
            operation.unknown(error=str(error))
            raise
        operation.ok()
