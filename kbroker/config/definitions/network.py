"""Sockets, connections, requests and metrics."""

from kbroker.config.definitions.definition import (
    CLUSTER_WIDE,
    INT,
    LIST,
    LONG,
    PER_BROKER,
    STRING,
    Definition,
)
from kbroker.config.validators import at_least, distinct, limits_by_address

# What all brokers may have in common for a listener: `listener.name.<listener>.max.connections`.
CLUSTER_WIDE_OF_LISTENERS = frozenset(
    {"max.connections", "max.connection.creation.rate", "num.network.threads"}
)

SETTINGS = (
    Definition("advertised.listeners", LIST, None, distinct(may_be_empty=False)),
    Definition("background.threads", INT, "10", at_least(1), CLUSTER_WIDE),
    Definition("connections.max.idle.ms", LONG, "600000"),
    Definition("delete.records.purgatory.purge.interval.requests", INT, "1"),
    Definition("fetch.max.bytes", INT, "57671680", at_least(1024)),
    Definition("fetch.purgatory.purge.interval.requests", INT, "1000"),
    Definition("inter.broker.listener.name", STRING),
    Definition("kafka.metrics.polling.interval.secs", INT, "10", at_least(1)),
    Definition("kafka.metrics.reporters", LIST, "", distinct()),
    Definition(
        "listener.security.protocol.map",
        STRING,
        "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
        None,
        PER_BROKER,
    ),
    Definition("listeners", LIST, "PLAINTEXT://:9092", distinct(may_be_empty=False), PER_BROKER),
    Definition("max.connection.creation.rate", INT, "2147483647", at_least(0), CLUSTER_WIDE),
    Definition("max.connections", INT, "2147483647", at_least(0), CLUSTER_WIDE),
    Definition("max.connections.per.ip", INT, "2147483647", at_least(0), CLUSTER_WIDE),
    Definition("max.connections.per.ip.overrides", STRING, "", limits_by_address, CLUSTER_WIDE),
    Definition("max.incremental.fetch.session.cache.slots", INT, "1000", at_least(0)),
    Definition("max.request.partition.size.limit", INT, "2000", at_least(1)),
    Definition(
        "metric.reporters", LIST, "org.apache.kafka.common.metrics.JmxReporter", distinct(), CLUSTER_WIDE
    ),
    Definition("metrics.num.samples", INT, "2", at_least(1)),
    Definition("metrics.recording.level", STRING, "INFO"),
    Definition("metrics.sample.window.ms", LONG, "30000", at_least(1)),
    Definition("num.io.threads", INT, "8", at_least(1), CLUSTER_WIDE),
    Definition("num.network.threads", INT, "3", at_least(1), CLUSTER_WIDE),
    Definition("producer.purgatory.purge.interval.requests", INT, "1000"),
    Definition("queued.max.request.bytes", LONG, "-1"),
    Definition("queued.max.requests", INT, "500", at_least(1)),
    Definition("request.timeout.ms", INT, "30000"),
    Definition("socket.connection.setup.timeout.max.ms", LONG, "30000"),
    Definition("socket.connection.setup.timeout.ms", LONG, "10000"),
    Definition("socket.listen.backlog.size", INT, "50", at_least(1)),
    Definition("socket.receive.buffer.bytes", INT, "102400"),
    Definition("socket.request.max.bytes", INT, "104857600", at_least(1)),
    Definition("socket.send.buffer.bytes", INT, "102400"),
    Definition("telemetry.max.bytes", INT, "1048576", at_least(1)),
)
