"""Replication and quotas."""

from kbroker.config.definitions.definition import CLASS, CLUSTER_WIDE, INT, LONG, STRING, Definition
from kbroker.config.validators import at_least

SETTINGS = (
    Definition("alter.log.dirs.replication.quota.window.num", INT, "11", at_least(1)),
    Definition("alter.log.dirs.replication.quota.window.size.seconds", INT, "1", at_least(1)),
    Definition("client.quota.callback.class", CLASS),
    Definition("num.replica.alter.log.dirs.threads", INT),
    Definition("num.replica.fetchers", INT, "1", at_least(1), CLUSTER_WIDE),
    Definition("quota.window.num", INT, "11", at_least(1)),
    Definition("quota.window.size.seconds", INT, "1", at_least(1)),
    Definition("replica.fetch.backoff.ms", INT, "1000", at_least(0)),
    Definition("replica.fetch.max.bytes", INT, "1048576", at_least(0)),
    Definition("replica.fetch.min.bytes", INT, "1"),
    Definition("replica.fetch.response.max.bytes", INT, "10485760", at_least(0)),
    Definition("replica.fetch.wait.max.ms", INT, "500"),
    Definition("replica.high.watermark.checkpoint.interval.ms", LONG, "5000"),
    Definition("replica.lag.time.max.ms", LONG, "30000"),
    Definition("replica.selector.class", STRING),
    Definition("replica.socket.receive.buffer.bytes", INT, "65536"),
    Definition("replica.socket.timeout.ms", INT, "30000"),
    Definition("replication.quota.window.num", INT, "11", at_least(1)),
    Definition("replication.quota.window.size.seconds", INT, "1", at_least(1)),
    # Dynamic only, and shown only when set.
    Definition(
        "follower.replication.throttled.rate",
        LONG,
        "9223372036854775807",
        at_least(0),
        CLUSTER_WIDE,
        internal=True,
    ),
    Definition(
        "leader.replication.throttled.rate",
        LONG,
        "9223372036854775807",
        at_least(0),
        CLUSTER_WIDE,
        internal=True,
    ),
    Definition(
        "replica.alter.log.dirs.io.max.bytes.per.second",
        LONG,
        "9223372036854775807",
        at_least(0),
        CLUSTER_WIDE,
        internal=True,
    ),
)
