"""What the broker asks of storage. Nothing above this package knows which implementation it has.

The embedded default is Kafka's log segments on disk (`storage.log`) plus SQLite (`storage.sqlite`). Methods are
coroutines because another implementation (PostgreSQL, object storage) must wait for a network; the embedded one
never suspends, and an `await` of it costs less than 0.1 µs. No implementation here imports trio.
"""
