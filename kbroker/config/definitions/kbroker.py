"""What kbroker has and Apache Kafka has not."""

from kbroker.config.definitions.definition import LONG, Definition
from kbroker.config.validators import at_least

SETTINGS = (
    # Bytes that answers of all connections may hold before reading of further requests waits.
    Definition("queued.max.response.bytes", LONG, "268435456", at_least(1_048_576)),
)
