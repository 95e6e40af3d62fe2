"""Runs the state machines of all transactional ids: stores each step, writes markers, and sees to what is overdue.

A transaction's fate is in the store before any of its partitions hears of it. Whatever interrupts the writing of
markers, it is gone on with: at the next start, or a little later. A marker that is written twice does no harm.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager

import trio

from kbroker.broker.changelog import Changelog
from kbroker.broker.changelog_repair import TopicRepair, Truth
from kbroker.broker.producer_ids import ProducerIds
from kbroker.broker.transactions.marker import Marker
from kbroker.clock import Clock
from kbroker.config.broker_config import BrokerConfig
from kbroker.limited_log import LimitedLog
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.state.offsets import TopicPartition
from kbroker.state.topics import TRANSACTION_STATE
from kbroker.state.transactions.end import complete, fence, needs_next_producer_id, prepare_end
from kbroker.state.transactions.expiry import is_expired, is_timed_out
from kbroker.state.transactions.initialise import (
    ProducerIdAndEpoch,
    check_may_initialise,
    initialise,
    needs_other_producer_id,
)
from kbroker.state.transactions.partitions import add_partitions, check_producer, missing
from kbroker.state.transactions.stored import decode_transaction, encode_key, encode_transaction
from kbroker.state.transactions.transaction import NO_PRODUCER_ID, PREPARED, Transaction, TransactionState
from kbroker.storage.interfaces.transactions import StoredTransaction, TxnStore

log = logging.getLogger(__name__)

WriteMarker = Callable[[str, int, Marker], Awaitable[None]]

# Nobody is left to hear of the end: the partition is gone, or a later producer or coordinator has been there.
_NEEDS_NO_MARKER = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.INVALID_PRODUCER_EPOCH,
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
    }
)


class TransactionCoordinator:
    """All transactional ids of this broker."""

    def __init__(  # noqa: PLR0917  what it works with
        self,
        config: BrokerConfig,
        store: TxnStore,
        clock: Clock,
        producer_ids: ProducerIds,
        changelog: Changelog,
        write_marker: WriteMarker,
        version: Callable[[], int],
    ) -> None:
        """Make a coordinator without transactions; `load` reads them. `version`: the finalised transaction.version."""
        self._config = config
        self._store = store
        self._clock = clock
        self._producer_ids = producer_ids
        self._changelog = changelog
        self._write_marker = write_marker
        self._version = version
        self._limited_log = LimitedLog(log)
        self._transactions: dict[str, Transaction] = {}
        self._changing: set[str] = set()  # transactional ids of which a step is being stored
        self._ending: set[str] = set()  # those whose markers are being written
        self.topic_repair = TopicRepair(
            TRANSACTION_STATE, changelog, lambda: list(self._transactions), self._truth
        )

    # --- looking

    def get(self, transactional_id: str) -> Transaction | None:
        """What is known of a transactional id."""
        return self._transactions.get(transactional_id)

    def all(self) -> Collection[Transaction]:
        """Every transactional id."""
        return self._transactions.values()

    # --- what producers ask

    async def init_producer_id(
        self, transactional_id: str, timeout_ms: int, expected: ProducerIdAndEpoch | None
    ) -> ProducerIdAndEpoch:
        """Begin as the one producer of a transactional id.

        Raises KafkaError: CONCURRENT_TRANSACTIONS when a transaction was open, which is aborted for it, so that it has
        to ask again; INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED, KAFKA_STORAGE_ERROR, UNKNOWN_SERVER_ERROR.
        """
        if not 0 < timeout_ms <= self._config.int("transaction.max.timeout.ms"):
            raise KafkaError(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
        _check_name(transactional_id)
        with self._change(transactional_id):
            transaction = self._transactions.get(transactional_id)
            if transaction is None:
                transaction = Transaction(transactional_id, await self._producer_ids.next())
            check_may_initialise(transaction, expected)
            if transaction.state is TransactionState.ONGOING:
                transaction = await self._fence(transaction)
            else:
                other = needs_other_producer_id(transaction, expected)
                new_producer_id = await self._producer_ids.next() if other else None
                now_ms = self._clock.now_ms()
                begun = await self._save(
                    initialise(transaction, expected, timeout_ms, now_ms, new_producer_id)
                )
                return ProducerIdAndEpoch(begun.producer_id, begun.producer_epoch)
        await self._finish(transaction)
        raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)

    async def add_partitions(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Collection[TopicPartition],
        *,
        client_version: int = 0,
    ) -> None:
        """Add partitions to a producer's transaction, which begins with the first; `client_version` is the transaction
        version that the request speaks.

        Raises KafkaError: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
        """
        transaction = self._find(transactional_id)
        with self._change(transactional_id):
            check_producer(transaction, producer_id, producer_epoch)
            added = add_partitions(transaction, partitions, client_version, self._clock.now_ms())
            if added is not transaction:
                await self._save(added)

    def missing_partitions(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Collection[TopicPartition],
    ) -> list[TopicPartition]:
        """Those of `partitions` that were not added to a producer's transaction.

        Raises KafkaError: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS.
        """
        transaction = self._find(transactional_id)
        check_producer(transaction, producer_id, producer_epoch)
        return missing(transaction, partitions)

    async def end(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        *,
        commit: bool,
        client_version: int = 0,
    ) -> ProducerIdAndEpoch:
        """Commit or abort a producer's transaction; returns the id and epoch to go on with.

        Raises KafkaError: INVALID_REQUEST, INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS,
        INVALID_TXN_STATE, KAFKA_STORAGE_ERROR.
        """
        transaction = self._find(transactional_id)
        with self._change(transactional_id):
            ended = prepare_end(
                transaction,
                producer_id,
                producer_epoch,
                commit=commit,
                version=client_version,
                now_ms=self._clock.now_ms(),
                new_producer_id=await self._next_producer_id(transaction, client_version),
            )
            if ended is not transaction:
                await self._save(ended)
        await self._finish(ended)
        if ended.next_producer_id != NO_PRODUCER_ID:
            return ProducerIdAndEpoch(ended.next_producer_id, 0)
        return ProducerIdAndEpoch(ended.producer_id, ended.producer_epoch)

    # --- start and time

    async def load(self) -> None:
        """Read all transactional ids from the store."""
        for stored in await self._store.load():
            try:
                transaction = decode_transaction(stored.transactional_id, stored.state)
            except ProtocolError as error:
                log.error("A transaction cannot be read: %s", error)
                continue
            self._transactions[transaction.transactional_id] = transaction

    async def finish_prepared(self) -> None:
        """Go on with what was interrupted. To be called at the start, and every now and then."""
        for transaction in [each for each in self.all() if each.state in PREPARED]:
            await self._finish(transaction)

    async def abort_timed_out(self) -> None:
        """Abort transactions that are open for longer than their producer asked for, and shut the producer out."""
        now_ms = self._clock.now_ms()
        for transaction in [each for each in self.all() if is_timed_out(each, now_ms)]:
            name = transaction.transactional_id
            if name in self._changing or self._transactions.get(name) is not transaction:
                continue
            self._limited_log.info(
                "timeout",
                "Transaction of %r is aborted after its timeout of %d ms",
                name,
                transaction.timeout_ms,
            )
            with self._change(name):
                fenced = await self._fence(transaction)
            await self._finish(fenced)

    async def expire(self) -> None:
        """Forget transactional ids that were not used for `transactional.id.expiration.ms`."""
        expiration_ms, now_ms = self._config.int("transactional.id.expiration.ms"), self._clock.now_ms()
        expired = [
            each.transactional_id
            for each in self.all()
            if is_expired(each, now_ms, expiration_ms) and each.transactional_id not in self._changing
        ]
        if not expired:
            return
        with trio.CancelScope(shield=True):  # what is not stored any more must be forgotten, and told
            await self._store.delete(expired)
            for name in expired:
                del self._transactions[name]
            for name in expired:
                await self._publish(name, None)

    async def topic_deleted(self, name: str) -> None:
        """Forget all transactional ids with the topic that tells of them, as Apache Kafka does."""
        if name == TRANSACTION_STATE:
            await self._store.clear()
            self._transactions.clear()

    # --- steps

    def _find(self, transactional_id: str) -> Transaction:
        if not transactional_id:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        transaction = self._transactions.get(transactional_id)
        if transaction is None:
            raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
        return transaction

    @contextmanager
    def _change(self, transactional_id: str) -> Iterator[None]:
        """One at a time: whoever comes while a step is being stored is to ask again, as in Apache Kafka."""
        if transactional_id in self._changing:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        self._changing.add(transactional_id)
        try:
            yield
        finally:
            self._changing.discard(transactional_id)

    async def _save(self, transaction: Transaction) -> Transaction:
        """Make a step the present: in the store, in memory, in the topic."""
        name, value = transaction.transactional_id, encode_transaction(transaction)
        with trio.CancelScope(shield=True):  # what is stored must be known, whatever becomes of the caller
            await self._changelog.open(name)
            await self._store.save(StoredTransaction(name, value))
            self._transactions[name] = transaction
            await self._publish(name, self._told(transaction))
        return transaction

    def _told(self, transaction: Transaction) -> bytes:
        """What readers see. With one producer id only, as in Kafka before transaction version 1 (KIP-890)."""
        return encode_transaction(transaction, 1 if self._version() else 0)

    async def _truth(self, index: int) -> tuple[Truth, set[bytes]]:
        held = {}
        for name, transaction in list(self._transactions.items()):
            if await self._changelog.partition_of(name) == index:
                same = (encode_transaction(transaction, version) for version in (1, 0))
                held[encode_key(name)] = (self._told(transaction), *same)
        return held, set()

    async def _publish(self, transactional_id: str, value: bytes | None) -> None:
        """Append to `__transaction_state`, which is for those who read it: the store is the truth."""
        await self._changelog.append(transactional_id, [(encode_key(transactional_id), value)])

    async def _fence(self, transaction: Transaction) -> Transaction:
        version = self._version()
        next_producer_id = await self._next_producer_id(transaction, version)
        return await self._save(fence(transaction, version, self._clock.now_ms(), next_producer_id))

    async def _next_producer_id(self, transaction: Transaction, version: int) -> int:
        other = needs_next_producer_id(transaction, version)
        return await self._producer_ids.next() if other else NO_PRODUCER_ID

    async def _finish(self, transaction: Transaction) -> None:
        """Write the markers of a prepared transaction; with all of them written, it is complete."""
        name = transaction.transactional_id
        if transaction.state not in PREPARED or name in self._ending:
            return
        self._ending.add(name)
        try:
            with trio.CancelScope(shield=True):  # the producer may be gone, its transaction must end
                if await self._write_markers(transaction):  # meanwhile nobody changes what is prepared
                    await self._save(complete(transaction, self._clock.now_ms()))
        except KafkaError as error:
            log.error("Transaction of %r will be completed later: %s", name, error)
        finally:
            self._ending.discard(name)

    async def _write_markers(self, transaction: Transaction) -> bool:
        """Whether every partition that is still there has its marker."""
        marker = Marker(
            transaction.producer_id,
            transaction.producer_epoch,
            transaction.commits,
            transaction_version=transaction.client_version,
        )
        written = True
        for topic, index in sorted(transaction.partitions):
            try:
                await self._write_marker(topic, index, marker)
            except KafkaError as error:
                log.warning("No marker of %r in %s-%d: %s", transaction.transactional_id, topic, index, error)
                written &= error.code in _NEEDS_NO_MARKER
        return written


def _check_name(transactional_id: str) -> None:
    """Raise KafkaError UNKNOWN_SERVER_ERROR for a name that no record has room for, before it is stored."""
    try:
        encode_key(transactional_id)
    except ValueError as error:
        raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, str(error)) from error
