"""What kbroker has and Apache Kafka has not. DescribeConfigs shows these only when they are set."""

from kbroker.config.definitions.definition import BOOLEAN, LONG, STRING, Definition
from kbroker.config.validators import at_least

SETTINGS = (
    # For configurations written for several brokers: each partition has one replica, whatever is asked for.
    Definition("accept.any.replication.factor", BOOLEAN, "false", internal=True),
    # Kafka takes it when storage is formatted, the container images from the environment.
    Definition("cluster.id", STRING, internal=True),
    # Bytes that answers of all connections may hold before reading of further requests waits.
    Definition("queued.max.response.bytes", LONG, "134217728", at_least(1_048_576), internal=True),
)
