"""What the broker asks of storage. Nothing above this package knows which implementation it has.

The embedded default is Kafka's log segments on disk (`storage.log`) plus SQLite (`storage.sqlite`). Methods are
coroutines because another implementation (PostgreSQL, object storage) must wait for a network; the embedded one
never suspends, and an `await` of it costs less than 0.1 µs. No implementation here imports trio.
"""

from kbroker.storage.interfaces.acls import AclStore
from kbroker.storage.interfaces.delegation_tokens import DelegationTokenStore
from kbroker.storage.interfaces.groups import GroupStore, StoredGroup, StoredPendingOffset
from kbroker.storage.interfaces.logs import (
    AT_ONCE,
    AbortedTransaction,
    ActiveProducer,
    AppendResult,
    Background,
    Buffer,
    EpochEndOffset,
    KnownPartition,
    LogDir,
    LogStore,
    OffsetAndTimestamp,
    PartitionStore,
    ReadResult,
    Replica,
    RunBlocking,
)
from kbroker.storage.interfaces.meta import MetaStore, StoredMetadata, StoredTopic, TopicDeletion
from kbroker.storage.interfaces.quotas import QuotaStore
from kbroker.storage.interfaces.scram import ScramStore
from kbroker.storage.interfaces.transactions import StoredTransaction, TxnStore

__all__ = [
    "AT_ONCE",
    "AbortedTransaction",
    "AclStore",
    "ActiveProducer",
    "AppendResult",
    "Background",
    "Buffer",
    "DelegationTokenStore",
    "EpochEndOffset",
    "GroupStore",
    "KnownPartition",
    "LogDir",
    "LogStore",
    "MetaStore",
    "OffsetAndTimestamp",
    "PartitionStore",
    "QuotaStore",
    "ReadResult",
    "Replica",
    "RunBlocking",
    "ScramStore",
    "StoredGroup",
    "StoredMetadata",
    "StoredPendingOffset",
    "StoredTopic",
    "StoredTransaction",
    "TopicDeletion",
    "TxnStore",
]
