"""Committed offsets, committed and asked for."""

from collections.abc import Iterable, Mapping, Sequence

from histories.recorder import Recorder

from kbroker.protocol.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kbroker.protocol.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic
from workloads.patience import Patience
from workloads.raw.connection import Connection

OFFSET_COMMIT, OFFSET_FETCH = 7, 7  # versions
RETRIED = {14, 15, 16, 88}
Partition = tuple[str, int]


def committed(
    recorder: Recorder, name: str, connection: Connection, group: str, partitions: Sequence[Partition],
    *, final: bool = False,
) -> dict[Partition, int]:  # fmt: skip
    """Ask for stable offsets until they are told; -1 where nothing is committed. Raises StuckError after too long."""
    topics = [OffsetFetchRequestTopic(topic, indexes) for topic, indexes in _by_topic(partitions).items()]
    request = OffsetFetchRequest(group_id=group, topics=topics, groups=[], require_stable=True)
    patience = Patience(f"{name}: OffsetFetch of {group}")
    while True:
        more = {"final": True} if final else {}
        operation = recorder.invoke(name, "committed", group=group, partitions=list(partitions), **more)
        error: object
        try:
            answer = connection.ask(request, OFFSET_FETCH)
        except OSError as lost:
            operation.unknown(error=str(lost))
            error = lost
        else:
            parts = [(topic.name, part) for topic in answer.topics for part in topic.partitions]
            error = answer.error_code or next((part.error_code for _, part in parts if part.error_code), 0)
            if not error:
                found = {(topic, part.partition_index): part.committed_offset for topic, part in parts}
                operation.ok(offsets=[[*where, offset] for where, offset in found.items()])
                return found
            operation.fail(error=error)
        patience.wait(error)


def commit(
    recorder: Recorder, name: str, connection: Connection, group: str, generation: int, member: str,
    offsets: Mapping[Partition, int],
) -> int | None:  # fmt: skip
    """Commit once. Returns the error code, 0 if it is done, None without an answer."""
    operation = recorder.invoke(
        name, "commit", group=group, generation=generation, member=member,
        offsets=[[*where, offset] for where, offset in offsets.items()],
    )  # fmt: skip
    topics = [
        OffsetCommitRequestTopic(
            name=topic,
            partitions=[
                OffsetCommitRequestPartition(index, offsets[topic, index], -1, "") for index in indexes
            ],
        )
        for topic, indexes in _by_topic(offsets).items()
    ]
    request = OffsetCommitRequest(
        group_id=group, generation_id_or_member_epoch=generation, member_id=member, topics=topics
    )
    try:
        answer = connection.ask(request, OFFSET_COMMIT)
    except OSError as error:
        operation.unknown(error=str(error))
        return None
    codes = {part.error_code for topic in answer.topics for part in topic.partitions}
    error_code = max(codes, key=abs)
    if error_code:
        operation.fail(error=error_code)
    else:
        operation.ok()
    return int(error_code)


def _by_topic(partitions: Iterable[Partition]) -> dict[str, list[int]]:
    topics: dict[str, list[int]] = {}
    for topic, index in partitions:
        topics.setdefault(topic, []).append(index)
    return topics
