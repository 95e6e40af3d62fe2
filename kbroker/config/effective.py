"""Settings that change what kbroker does.

All others of Kafka's are known, checked and shown, but there is nothing in kbroker that they would change: thread
pools, ZooKeeper's and the controllers' timeouts, replication, tiered storage, security until it is there.
"""

from kbroker.config.definitions import TOPIC_CONFIGS, TOPIC_SYNONYMS

# With one broker there are no replicas to throttle or elect.
_REPLICATION = {
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "unclean.leader.election.enable",
}
_TIERED_STORAGE = {name for name in TOPIC_CONFIGS if name.startswith(("remote.", "local."))}

EFFECTIVE_TOPIC_CONFIGS = TOPIC_CONFIGS.keys() - _REPLICATION - _TIERED_STORAGE

_INHERITED_BY_TOPICS = {
    broker_name
    for name, synonyms in TOPIC_SYNONYMS.items()
    if name in EFFECTIVE_TOPIC_CONFIGS
    for broker_name, _ in synonyms
}
EFFECTIVE_BROKER_CONFIGS = frozenset(
    {
        "advertised.listeners",
        "auto.create.topics.enable",
        "broker.id",
        "broker.rack",
        "cluster.id",
        "connections.max.idle.ms",
        "controller.listener.names",
        "default.replication.factor",
        "delete.topic.enable",
        "fetch.max.bytes",
        "group.initial.rebalance.delay.ms",
        "group.max.session.timeout.ms",
        "group.max.size",
        "group.min.session.timeout.ms",
        "listener.security.protocol.map",
        "listeners",
        "log.cleaner.backoff.ms",
        "log.cleaner.dedupe.buffer.size",
        "log.cleaner.enable",
        "log.dir",
        "log.dirs",
        "log.retention.check.interval.ms",
        "max.connections",
        "max.connections.per.ip",
        "max.connections.per.ip.overrides",
        "max.incremental.fetch.session.cache.slots",
        "max.request.partition.size.limit",
        "node.id",
        "num.partitions",
        "offset.metadata.max.bytes",
        "offsets.retention.check.interval.ms",
        "offsets.retention.minutes",
        "producer.id.expiration.ms",
        "queued.max.response.bytes",
        "socket.listen.backlog.size",
        "socket.request.max.bytes",
    }
    | _INHERITED_BY_TOPICS
)
