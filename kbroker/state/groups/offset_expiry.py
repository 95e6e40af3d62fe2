"""Which of a group's committed offsets have expired (KIP-211)."""

from kbroker.state.groups.group import Group, GroupState
from kbroker.state.groups.subscription import CONSUMER_PROTOCOL_TYPE
from kbroker.state.offsets import TopicPartition, is_expired


def expired_offsets(group: Group, retention_ms: int, now_ms: int) -> list[TopicPartition]:
    """Partitions whose offsets should go.

    The retention counts from when the group became empty; for partitions of topics that a stable consumer
    group no longer subscribes to, and for groups that only ever commit, from the commit. Nothing expires in
    other groups, and nothing that a transaction is about to change.
    """
    unused_since: int | None = None
    if group.protocol_type is not None:
        if group.state is GroupState.EMPTY:
            unused_since = group.state_timestamp_ms if group.state_timestamp_ms >= 0 else None
        elif (
            group.state is not GroupState.STABLE
            or group.protocol_type != CONSUMER_PROTOCOL_TYPE
            or group.subscribed_topics is None
        ):
            return []
    return [
        (topic, partition)
        for topic, partitions in group.offsets.by_topic.items()
        if not group.is_subscribed_to(topic)
        for partition, offset in partitions.items()
        if is_expired(offset, retention_ms, now_ms, unused_since)
        and (topic, partition) not in group.pending_offsets
    ]
