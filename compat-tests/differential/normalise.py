"""Answers as plain data in which everything that may differ between two brokers has the same name on both.

Free are ids, times, addresses, throttle times and message texts. Ids become symbols numbered in the order in which a
conversation meets them, so that an id which returns in a later request or answer has to return on both sides.
Fields that have their default value are left out, error codes excepted.
"""

import hashlib
import json
import struct
import time
from collections.abc import Callable
from typing import Any

import attrs

from differential.batches import HEADER
from kbroker.protocol.fields import field_specs

ID_KINDS = {
    "topic_id": "topic id",
    "member_id": "member",
    "leader": "member",  # JoinGroup: the leader's member id
    "producer_id": "producer",
    "session_id": "session",
    "cluster_id": "cluster",
}
NOT_IDS: tuple[object, ...] = (None, "", 0, -1, bytes(16))
DROPPED = {"throttle_time_ms"}
ADDRESSES = {"host", "port", "client_host"}
TEXTS = {"error_message", "batch_index_error_message", "documentation"}  # null or not still counts
TIMES = {"log_append_time_ms", "timestamp"}  # free when the broker's clock gave them, so near to now
DAY = 86_400_000
RECORDS = {"records"}

# Lists whose order Apache Kafka leaves to a hash table. Those with ids nobody has met before are first put in an
# order that does not depend on the ids.
UNORDERED: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("ProduceResponse", "responses"): lambda topic: topic.name,
    ("TopicProduceResponse", "partition_responses"): lambda partition: partition.index,
    ("ListOffsetsResponse", "topics"): lambda topic: topic.name,
    ("ListOffsetsTopicResponse", "partitions"): lambda partition: partition.partition_index,
    ("JoinGroupResponse", "members"): lambda member: member.metadata,
    ("DescribedGroup", "members"): lambda member: (member.member_metadata, member.member_assignment),
    ("ListGroupsResponse", "groups"): lambda group: group.group_id,
    ("DescribeConfigsResult", "configs"): lambda config: config.name,
    ("CreatableTopicResult", "configs"): lambda config: config.name,
}


class Symbols:
    """The ids one conversation has met, each with its name; the conversation's own name is `~`."""

    def __init__(self, conversation: str) -> None:
        self._conversation = conversation
        self._names: dict[object, str] = {}
        self._met: dict[str, int] = {}

    def name(self, kind: str, value: object) -> str:
        """The name of an id, a new one if it was not met before."""
        if value not in self._names:
            self._met[kind] = self._met.get(kind, 0) + 1
            self._names[value] = f"<{kind} {self._met[kind]}>"
        return self._names[value]

    def known(self, value: object) -> object:
        """`value`, or its name if the conversation met it as an id."""
        if not isinstance(value, str):
            return value
        return self._names.get(value) or value.replace(self._conversation, "~")


def plain(message: Any, symbols: Symbols) -> dict[str, Any]:
    """A message or a struct in it as plain data; fields with their default value are absent, but for error_code."""
    fields: dict[str, Any] = {}
    for name, spec in field_specs(type(message)).items():
        value = getattr(message, name)
        if name not in DROPPED and (name == "error_code" or value != spec.default):
            order = UNORDERED.get((type(message).__name__, name))
            if order and value:
                made = [_value(name, each, symbols) for each in sorted(value, key=order)]
                fields[name] = sorted(made, key=lambda each: json.dumps(each, sort_keys=True))
            else:
                fields[name] = _value(name, value, symbols)
    return fields


def _value(name: str, value: Any, symbols: Symbols) -> Any:
    if name in RECORDS:
        return None if value is None else describe_batches(bytes(value), symbols)
    if isinstance(value, list):
        return [_value(name, each, symbols) for each in value]
    if attrs.has(type(value)):
        return plain(value, symbols)
    if name in ID_KINDS:
        return value.hex() if value == bytes(16) else value if value in NOT_IDS else symbols.name(ID_KINDS[name], value)
    if name in ADDRESSES:
        return "<address>" if value else value
    if name in TEXTS:
        return value if value is None else "<text>"
    if name in TIMES:
        return "<time>" if abs(value - time.time() * 1000) < DAY else value
    if isinstance(value, (bytes, memoryview)):
        return readable(bytes(value))
    return symbols.known(value)


def readable(data: bytes) -> str:
    """Bytes as text if that is what they are; long ones by length and digest."""
    if len(data) > 64:
        return f"<{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:8]}>"
    return data.decode() if data.isascii() and data.decode().isprintable() else "0x" + data.hex()


def describe_batches(data: bytes, symbols: Symbols) -> list[str]:
    """A line for each batch: what its header says, and a digest of its records."""
    lines = []
    while len(data) >= HEADER.size:
        (offset, length, epoch, magic, _, attributes, last, first, largest, producer, producer_epoch, sequence, count) = (
            HEADER.unpack_from(data)
        )
        end = 12 + length
        if magic != 2 or end > len(data) or length < HEADER.size - 12:
            break
        parts = [f"offsets {offset}..{offset + last}", f"{count} records", f"leader epoch {epoch}"]
        parts += [f"attributes {attributes}"] if attributes else []
        parts += [f"time {first}..{'<time>' if abs(largest - time.time() * 1000) < DAY else largest}"]
        if producer != -1:
            parts += [f"{symbols.name('producer', producer)} epoch {producer_epoch} sequence {sequence}"]
        parts += [f"{end} bytes", f"records {hashlib.sha256(data[HEADER.size : end]).hexdigest()[:8]}"]
        lines.append(", ".join(parts))
        data = data[end:]
    if data:
        offset = struct.unpack_from(">q", data)[0] if len(data) >= 8 else "?"
        lines.append(f"{len(data)} bytes more, offset {offset}")
    return lines
