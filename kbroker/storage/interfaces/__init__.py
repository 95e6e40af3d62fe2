"""What the broker asks of storage. Nothing above this package knows which implementation it has.

The embedded default is Kafka's log segments on disk (`storage.log`) plus SQLite (`storage.sqlite`). Methods are
coroutines because another implementation (PostgreSQL, object storage) must wait for a network. The embedded one
suspends where a log is opened, where `read` has to wait for the disk, and in long jobs, as their `Background` tells
them to; in all else it doesn't, and an `await` of it costs less than 0.1 µs. No implementation here imports trio.
"""
