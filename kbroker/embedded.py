"""A broker on its own data directory: log segments and SQLite, opened together and closed in the right order."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import trio

from kbroker.broker.broker import Broker, Stores
from kbroker.clock import SystemClock
from kbroker.errors import StartupError
from kbroker.protocol.errors import KafkaError, ProtocolError
from kbroker.storage.embedded import open_stores
from kbroker.storage.sqlite.database import FILE_NAME, REMEDY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from kbroker.clock import Clock
    from kbroker.config.broker_config import BrokerConfig

# What reading damaged rows may end with, beside SQLite's own errors: ids, numbers, JSON and Kafka's records in them.
_UNREADABLE = (sqlite3.Error, ProtocolError, KafkaError, ArithmeticError, LookupError, TypeError, ValueError)


@asynccontextmanager
async def open_broker(
    config: BrokerConfig, data_dir: Path, clock: Clock | None = None
) -> AsyncIterator[Broker]:
    """Open the data directory, load what it holds, and close it cleanly at the end, whatever ended it.

    Raises StartupError when the directory can't be used.
    """
    clock = clock or SystemClock()
    stores = open_stores(data_dir, config, clock)
    try:
        broker = Broker(
            config,
            clock,
            Stores(
                stores.meta,
                stores.groups,
                stores.transactions,
                stores.quotas,
                stores.logs,
                stores.scram,
                stores.delegation_tokens,
                stores.acls,
            ),
        )
        try:
            await broker.load()
        except _UNREADABLE as error:
            raise StartupError(f"can't make sense of {data_dir / FILE_NAME}: {error}; {REMEDY}") from error
        yield broker
    finally:
        # Syncs files: off the event loop, so that a second signal is still heard. It must run to its end.
        with trio.CancelScope(shield=True):
            try:
                await trio.to_thread.run_sync(stores.logs.close)
            finally:
                stores.close()
