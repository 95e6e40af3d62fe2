"""Answers as plain data in which everything that may differ between two brokers has the same name on both.

Free are ids, times, addresses, throttle times and message texts. Ids become symbols numbered in the order in which a
conversation meets them, so that an id which returns in a later request or answer has to return on both sides.
Fields that have their default value are left out, error codes excepted.
"""

import hashlib
import json
import re
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
    "producer_id_filters": "producer",
    "v3_and_below_producer_id": "producer",
    "session_id": "session",
    "cluster_id": "cluster",
    "voter_directory_id": "directory",
    "token_id": "token",
    "hmac": "hmac",
}
NO_ID = {
    "topic id": bytes(16),
    "member": "",
    "producer": -1,
    "session": 0,
    "cluster": None,
    "directory": bytes(16),
    "token": "",
    "hmac": b"",
}
DROPPED = {"throttle_time_ms", "finalized_features_epoch"}
ADDRESSES = ("host", "port", "client_host")
ACLS = {"AclCreation", "AclDescription", "DeleteAclsMatchingAcl"}  # whose hosts are no address of ours
TEXTS = ("error_message", "batch_index_error_message", "documentation")  # null or not still counts
TIMES = (
    "log_append_time_ms",
    "timestamp",
    "transaction_start_time_ms",
    "commit_timestamp",
    "expire_timestamp",
    "current_state_timestamp",
)  # free when the broker's clock gave them, so near to now
DAY = 86_400_000
RECORDS = "records"
LONGEST = 300
PLACES = {"listeners", "advertised.listeners", "log.dir", "log.dirs", "controller.quorum.bootstrap.servers"}


def entity_names(entity: list[Any]) -> list[tuple[str, str]]:
    """A quota's entity in an order of its own; the default has no name."""
    return sorted((one.entity_type, one.entity_name or "") for one in entity)


# Lists whose order Apache Kafka leaves to a hash table. Those with ids nobody has met before are first put in an
# order that does not depend on the ids.
UNORDERED: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("AlterClientQuotasResponse", "entries"): lambda entry: entity_names(entry.entity),
    ("AddPartitionsToTxnResponse", "results_by_topic_v3_and_below"): lambda topic: topic.name,
    ("AddPartitionsToTxnResponse", "results_by_transaction"): lambda each: each.transactional_id,
    ("AddPartitionsToTxnResult", "topic_results"): lambda topic: topic.name,
    ("AddPartitionsToTxnTopicResult", "results_by_partition"): lambda partition: partition.partition_index,
    ("AlterUserScramCredentialsResponse", "results"): lambda result: result.user,
    ("AlterConfigsResponse", "responses"): lambda resource: resource.resource_name,
    ("AlterReplicaLogDirsResponse", "results"): lambda topic: topic.topic_name,
    ("CreatableTopicResult", "configs"): lambda config: config.name,
    ("CreatePartitionsResponse", "results"): lambda topic: topic.name,
    ("CreateTopicsResponse", "topics"): lambda topic: topic.name,
    ("DeleteAclsFilterResult", "matching_acls"): lambda acl: acl.resource_name,
    ("DeleteGroupsResponse", "results"): lambda group: group.group_id,
    ("DeleteRecordsResponse", "topics"): lambda topic: topic.name,
    ("DeleteRecordsTopicResult", "partitions"): lambda partition: partition.partition_index,
    ("DeleteTopicsResponse", "responses"): lambda topic: topic.name or "",
    ("DescribeClientQuotasResponse", "entries"): lambda entry: entity_names(entry.entity),
    ("DescribeAclsResource", "acls"): lambda acl: acl.principal,
    ("DescribeAclsResponse", "resources"): lambda resource: resource.resource_name,
    ("DescribeConfigsResult", "configs"): lambda config: config.name,
    ("DescribeDelegationTokenResponse", "tokens"): lambda token: (token.principal_name, token.max_timestamp),
    ("DescribeUserScramCredentialsResponse", "results"): lambda result: result.user,
    ("DescribeUserScramCredentialsResult", "credential_infos"): lambda info: info.mechanism,
    ("DescribedGroup", "members"): lambda member: (member.member_metadata, member.member_assignment),
    ("EntryData", "entity"): lambda one: one.entity_type,
    ("IncrementalAlterConfigsResponse", "responses"): lambda resource: resource.resource_name,
    ("JoinGroupResponse", "members"): lambda member: member.metadata,
    ("ListGroupsResponse", "groups"): lambda group: group.group_id,
    ("ListOffsetsResponse", "topics"): lambda topic: topic.name,
    ("ListOffsetsTopicResponse", "partitions"): lambda partition: partition.partition_index,
    ("ListTransactionsResponse", "transaction_states"): lambda each: each.transactional_id,
    ("ListTransactionsResponse", "unknown_state_filters"): lambda name: name,
    ("MetadataResponse", "topics"): lambda topic: topic.name or "",
    ("OffsetFetchResponse", "topics"): lambda topic: topic.name,
    ("OffsetFetchResponseGroup", "topics"): lambda topic: topic.name,
    ("OffsetFetchResponseTopic", "partitions"): lambda partition: partition.partition_index,
    ("OffsetFetchResponseTopics", "partitions"): lambda partition: partition.partition_index,
    ("ResponseEntryData", "entity"): lambda one: one.entity_type,
    ("PartitionResponse", "active_producers"): lambda producer: producer.last_sequence,
    ("ProduceResponse", "responses"): lambda topic: topic.name,
    ("TopicData", "partitions"): lambda index: index,
    ("SaslHandshakeResponse", "mechanisms"): lambda mechanism: mechanism,
    ("TopicProduceResponse", "partition_responses"): lambda partition: partition.index,
    ("TransactionState", "topics"): lambda topic: topic.topic,
    ("WritableTxnMarkerResult", "topics"): lambda topic: topic.name,
    ("WritableTxnMarkerTopicResult", "partitions"): lambda partition: partition.partition_index,
    ("WriteTxnMarkersResponse", "markers"): lambda marker: [topic.name for topic in marker.topics],
}
# Fetch answers in the order asked, but for what the broker does not know, which comes last.
UNKNOWN = (3, 29, 100)
DENIED = 29
UNKNOWN_LAST: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("FetchResponse", "responses"): lambda topic: all(
        each.error_code in UNKNOWN for each in topic.partitions
    ),
    ("FetchableTopicResponse", "partitions"): lambda partition: partition.error_code in UNKNOWN,
    # What may not be described is last, in any order.
    ("DescribeTopicPartitionsResponse", "topics"): lambda topic: (
        (topic.error_code == DENIED, topic.name if topic.error_code == DENIED else "")
    ),
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
        value = self._names.get(value) or value.replace(self._conversation, "~")
        return value if len(value) <= LONGEST else f"<{len(value)} characters>"


def plain(message: Any, symbols: Symbols) -> dict[str, Any]:
    """A message or a struct in it as plain data; fields with their default value are absent, but for error_code."""
    fields: dict[str, Any] = {}
    kind = type(message).__name__
    for name, spec in field_specs(type(message)).items():
        value = getattr(message, name)
        if name in DROPPED or (name != "error_code" and value == spec.default):
            continue
        if value and (order := UNORDERED.get((kind, name))):
            made = [_value(name, each, symbols) for each in sorted(value, key=order)]
            fields[name] = sorted(made, key=lambda each: json.dumps(each, sort_keys=True))
        elif last := UNKNOWN_LAST.get((kind, name)):
            fields[name] = _value(name, sorted(value, key=last), symbols)
        elif name == "host" and kind in ACLS:
            fields[name] = symbols.known(value)
        else:
            fields[name] = _value(name, value, symbols)
    if fields.get("name") in PLACES and fields.get("value"):
        fields["value"] = "<place>"
    if kind == "ApiVersionsResponse":
        fields["api_keys"] = {
            str(each.api_key): f"{each.min_version}-{each.max_version}" for each in message.api_keys
        }
    return fields


def _value(name: str, value: Any, symbols: Symbols) -> Any:
    if isinstance(value, list):
        return [_value(name, each, symbols) for each in value]
    if attrs.has(type(value)):
        return plain(value, symbols)
    if kind := ID_KINDS.get(name):
        value = bytes(value) if isinstance(value, memoryview) else value
        return "<none>" if value in (NO_ID[kind], None) else symbols.name(kind, value)
    if free := FREE.get(name):
        return free(value)
    if name == RECORDS and value is not None:
        return describe_batches(bytes(value), symbols)
    return readable(bytes(value)) if isinstance(value, (bytes, memoryview)) else symbols.known(value)


def _address(value: str | int) -> str | int:
    return "<address>" if value else value


def plain_token(token: bytes) -> str:
    """A SASL token without what is random, or follows from it: nonces, salts, proofs."""
    return re.sub(r"\b([rspv])=[^,]+", r"\1=<...>", readable(bytes(token)))


def _text(value: str | None) -> str | None:
    return None if value is None else "<text>"


def _time(milliseconds: int) -> int | str:
    return "<now>" if abs(milliseconds - time.time() * 1000) < DAY else milliseconds


FREE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(ADDRESSES, _address),
    **dict.fromkeys(TEXTS, _text),
    **dict.fromkeys(TIMES, _time),
    "auth_bytes": plain_token,
}


def readable(data: bytes) -> str:
    """Bytes as text if that is what they are; long ones by length and digest."""
    if len(data) > LONGEST:
        return f"<{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()[:8]}>"
    return data.decode() if data.isascii() and data.decode().isprintable() else "0x" + data.hex()


def describe_batches(data: bytes, symbols: Symbols) -> list[str]:
    """A line for each batch: what its header says, and a digest of its records."""
    lines = []
    while len(data) >= HEADER.size:
        (
            offset,
            length,
            epoch,
            magic,
            _,
            attributes,
            last,
            first,
            largest,
            producer,
            producer_epoch,
            sequence,
            count,
        ) = HEADER.unpack_from(data)
        end = 12 + length
        if magic != 2 or end > len(data) or length < HEADER.size - 12:
            break
        parts = [f"offsets {offset}..{offset + last}", f"{count} records", f"leader epoch {epoch}"]
        parts += [f"attributes {attributes}"] if attributes else []
        parts += [f"time {_time(first)}..{_time(largest)}"]
        if producer != -1:
            parts += [f"{symbols.name('producer', producer)} epoch {producer_epoch} sequence {sequence}"]
        parts += [f"{end} bytes", f"records {hashlib.sha256(data[HEADER.size : end]).hexdigest()[:8]}"]
        lines.append(", ".join(parts))
        data = data[end:]
    if data:
        offset = struct.unpack_from(">q", data)[0] if len(data) >= 8 else "?"
        lines.append(f"{len(data)} bytes more, offset {offset}")
    return lines
