"""The parsers of what is beside a log, and of rows of the database: damaged content is told from what is right."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from fixtures import outcome
from fixtures.batches import valid_batches
from fixtures.broker_thread import memory_directory

from kbroker.protocol.errors import ProtocolError
from kbroker.state.groups.group import Group
from kbroker.state.groups.stored import decode_group, encode_group
from kbroker.state.producers import Producer
from kbroker.state.transactions.stored import decode_transaction, encode_transaction
from kbroker.state.transactions.transaction import Transaction
from kbroker.storage.log import producer_snapshot, txn_index
from kbroker.storage.log.batch_scan import scan
from kbroker.storage.log.checkpoints import PARTITION_METADATA, read_offsets, read_topic_id
from kbroker.storage.log.data_dir import FORMAT_FILE, META_PROPERTIES, DataDir
from kbroker.storage.log.errors import StorageError
from kbroker.storage.log.file_system import FileSystem
from kbroker.storage.log.leader_epochs import FILE_NAME, LeaderEpochs
from kbroker.storage.log.offset_index import OffsetIndex
from kbroker.storage.log.time_index import TimeIndex

_LOG_SIZE = 10_000


@cache
def _directory() -> Path:
    return Path(tempfile.mkdtemp(prefix="kbroker-fuzz-", dir=memory_directory()))


def check(data: bytes) -> None:
    """Content is used in a way that holds together, or it is refused."""
    kind, content = (data[:1] or b"\0")[0] % len(_CHECKS), data[1:]
    outcome.note(kind, _CHECKS[kind](content))


def _offset_index(data: bytes) -> object:
    index = OffsetIndex.from_bytes(data, _LOG_SIZE)
    if index is None:
        return None
    for offset in (-1, 0, 1, 1000, 2**31 - 1):
        found, position = index.entry_before(offset)
        assert found <= max(offset, 0), "an entry that comes after"
        assert 0 <= position < _LOG_SIZE, "a position outside of the log"
    assert data.startswith(index.to_bytes())
    return len(index)


def _time_index(data: bytes) -> object:
    index = TimeIndex.from_bytes(data)
    if index is None:
        return None
    assert data.startswith(index.to_bytes())
    assert index.offset_before(2**63 - 1) == index.last_offset()
    return len(index)


def _txn_index(data: bytes) -> object:
    entries = txn_index.parse(data)
    assert data.startswith(txn_index.serialize(entries))
    return len(entries)


def _snapshot(data: bytes) -> object:
    try:
        producers = producer_snapshot.parse(data)
    except producer_snapshot.CorruptSnapshotError:
        return "corrupt"
    assert producer_snapshot.parse(producer_snapshot.serialize(producers)) == producers
    return len(producers)


def _offsets(data: bytes) -> object:
    path = _directory() / "checkpoint"
    path.write_bytes(data)
    return len(read_offsets(str(path)))


def _leader_epochs(data: bytes) -> object:
    (_directory() / FILE_NAME).write_bytes(data)
    epochs = LeaderEpochs(str(_directory()), FileSystem())
    epochs.load()
    assert -1 <= epochs.latest < 2**31, "an epoch that no batch has room for"
    for epoch in (-1, 0, 1, 5, 2**31 - 1):
        end = epochs.end_offset(epoch, 10**6)
        assert -1 <= end.leader_epoch < 2**31
        assert -1 <= end.end_offset < 2**63
    assert -1 <= epochs.epoch_of(10) <= epochs.latest
    return epochs.latest


def _topic_id(data: bytes) -> object:
    (_directory() / PARTITION_METADATA).write_bytes(data)
    return read_topic_id(str(_directory())) is not None


def _data_directory(data: bytes) -> object:
    directory = _directory() / "data"
    directory.mkdir(exist_ok=True)
    name = META_PROPERTIES if data[:1] == b"m" else FORMAT_FILE
    (directory / name).write_bytes(data[1:])
    try:
        opened = DataDir(directory)
        try:
            cluster = opened.identify(1)
        finally:
            opened.close()
    except StorageError as error:
        return str(error).rpartition(" ")[2]
    finally:
        shutil.rmtree(directory)
    cluster.encode()
    assert len(opened.directory_id) == 16
    return "used"


def _scan(data: bytes) -> object:
    path = _directory() / "log"
    path.write_bytes(data)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = list(scan(descriptor, 0, len(data)))
    finally:
        os.close(descriptor)
    end = 0
    for batch in found:
        assert batch.position == end, "a gap"
        end += batch.size
    assert end <= len(data)
    return min(len(found), 3)


def _group(data: bytes) -> object:
    try:
        group = decode_group("g", data)
    except ProtocolError as error:
        return str(error)[-16:]
    encode_group(group)
    return group.state


def _transaction(data: bytes) -> object:
    try:
        transaction = decode_transaction("tx", data)
    except ProtocolError as error:
        return str(error)[-16:]
    encode_transaction(transaction)
    return transaction.state


_CHECKS = (
    _offset_index, _time_index, _txn_index, _snapshot, _offsets, _leader_epochs, _topic_id, _data_directory, _scan,
    _group,
    _transaction,
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    """What the broker, and Apache Kafka, writes."""
    numbers = [number.to_bytes(4, "big") for number in (5, 100, 9, 200, 1000, 4000)]
    yield b"\0" + b"".join(numbers)
    yield b"\0" + b"".join(numbers) + bytes(16)
    yield b"\1" + b"".join(number.to_bytes(8, "big") + number.to_bytes(4, "big") for number in (5, 9, 1000))
    yield b"\2" + txn_index.serialize(
        [txn_index.AbortedEntry(1, 2, 3, 4), txn_index.AbortedEntry(9, 5, 8, 9)]
    )
    producers = [Producer(7, 0, -1, 1), Producer(8, 3, 2, 5, 17)]
    yield b"\3" + producer_snapshot.serialize(producers)
    yield b"\4" + b"0\n2\ntopic 0 17\nother 1 9\n"
    yield b"\5" + b"0\n3\n0 0\n1 10\n5 100\n"
    yield b"\5" + b"0\n1\n99999999999 0\n"
    yield b"\6" + b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ"
    yield b"\7m" + b"#\n#Mon\ncluster.id=abc\ndirectory.id=AAAAAAAAAAAAAAAAAAAAAQ\nnode.id=1\nversion=1\n"
    yield b"\7m" + b"broker.id=1\n"
    yield b"\7f1\n"
    yield b"\7f99"
    for batch in valid_batches():
        yield b"\x08" + batch
        yield b"\x08" + batch * 3
    yield b"\x09" + encode_group(Group("g"))
    yield b"\x09\0\x03" + bytes(40)
    yield b"\x0a" + encode_transaction(Transaction("tx", 5, 0, 1000, partitions=frozenset({("t", 1)})))


def close() -> None:
    """Remove the files."""
    shutil.rmtree(_directory())
    _directory.cache_clear()
