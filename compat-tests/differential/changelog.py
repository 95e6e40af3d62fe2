"""What `__consumer_offsets` tells of a group: records, versions and transactions as Kafka's own."""

from typing import Any

from attrs import define, field

from differential.conversation import Conversation
from differential.normalise import plain
from kbroker.protocol.consumer_offsets import (
    GroupMetadataKey,
    GroupMetadataValue,
    OffsetCommitKey,
    OffsetCommitValue,
)
from kbroker.protocol.fetch import FetchRequest
from kbroker.protocol.records import BatchHeader, ControlType, control_type, iter_batches, records_of
from kbroker.protocol.schema import reader

TOPIC = "__consumer_offsets"
GROUP_KEY = 2


@define
class Changelog:
    """Reads on where it last stopped. The brokers have one partition for all groups here."""

    run: Conversation
    group: str
    producers: set[int] = field(factory=set)  # whose markers are told of
    _offset: int = 0

    def read(self, label: str, *, committed: bool = False) -> None:
        """Record what is new of the group."""
        found: list[dict[str, Any]] = []
        while batches := self._fetch(committed):
            for header, batch in batches:
                for record in records_of(batch):
                    if header.is_control and header.producer_id in self.producers:
                        found.append(self._told(header) | {"marker": ControlType(control_type(record)).name})
                    elif not header.is_control and (told := self._record(record.key, record.value)):
                        found.append(self._told(header) | told)
                self._offset = header.last_offset + 1
        self.run.steps.append({"step": label, "request": TOPIC, "answer": found})

    def _fetch(self, committed: bool) -> list[tuple[BatchHeader, memoryview]]:
        part = {"partition": 0, "fetch_offset": self._offset, "partition_max_bytes": 1 << 20}
        answer = self.run.first.quietly(
            FetchRequest,
            12,
            max_wait_ms=0,
            min_bytes=0,
            max_bytes=1 << 20,
            isolation_level=int(committed),
            topics=[{"topic": TOPIC, "partitions": [part]}],
        )
        data = answer.responses[0].partitions[0]
        assert data.error_code == 0, data.error_code
        return list(iter_batches(data.records or b""))

    def _told(self, header: BatchHeader) -> dict[str, Any]:
        """What a reader sees of a batch; how many records are in one is up to the broker."""
        told: dict[str, Any] = {"base_sequence": header.base_sequence}
        if header.is_transactional:
            symbol = self.run.symbols.name("producer", header.producer_id)
            told |= {"producer": symbol, "epoch": header.producer_epoch}
        return told

    def _record(self, key: bytes | None, value: bytes | None) -> dict[str, Any] | None:
        assert key is not None
        version = int.from_bytes(key[:2])
        of_group = version == GROUP_KEY
        if version > GROUP_KEY:
            return None
        named: Any = reader(GroupMetadataKey if of_group else OffsetCommitKey, version)(key, 2)
        if named.group != self.group:
            return None
        told: dict[str, Any] = {"key": {"version": version} | self._plain(named), "value": None}
        if value is not None:
            value_version = int.from_bytes(value[:2])
            read: Any = reader(GroupMetadataValue if of_group else OffsetCommitValue, value_version)(value, 2)
            told["value"] = {"version": value_version} | self._plain(read)
        return told

    def _plain(self, message: Any) -> dict[str, Any]:
        return plain(message, self.run.symbols)
