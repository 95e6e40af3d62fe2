"""Settings that change what kbroker does.

All others of Kafka's are known, checked and shown, but there is nothing in kbroker that they would change: thread
pools, ZooKeeper's and the controllers' timeouts, replication, tiered storage, security until it is there.
"""

from kbroker.config.definitions import TOPIC_SYNONYMS
from kbroker.config.definitions.topic import TOPIC_CONFIGS

# Topic settings that change nothing, and why.
WITHOUT_EFFECT = {
    "follower.replication.throttled.replicas": "a partition has one replica, and none to throttle",
    "leader.replication.throttled.replicas": "a partition has one replica, and none to throttle",
    "min.insync.replicas": "Apache Kafka too asks for no more replicas than a partition has, and that is one",
    "unclean.leader.election.enable": "a partition has one replica, and none to elect",
} | {name: "no tiered storage" for name in TOPIC_CONFIGS if name.startswith(("remote.", "local."))}

EFFECTIVE_TOPIC_CONFIGS = TOPIC_CONFIGS.keys() - WITHOUT_EFFECT

_INHERITED_BY_TOPICS = {
    broker_name
    for name, synonyms in TOPIC_SYNONYMS.items()
    if name in EFFECTIVE_TOPIC_CONFIGS
    for broker_name, _ in synonyms
}
EFFECTIVE_BROKER_CONFIGS = frozenset(
    {
        "accept.any.replication.factor",
        "advertised.listeners",
        "authorizer.class.name",
        "auto.create.topics.enable",
        "broker.id",
        "broker.rack",
        "cluster.id",
        "connection.failed.authentication.delay.ms",
        "connections.max.idle.ms",
        "connections.max.reauth.ms",
        "controller.listener.names",
        "controller.quota.window.num",
        "controller.quota.window.size.seconds",
        "cordoned.log.dirs",
        "default.replication.factor",
        "delegation.token.expiry.check.interval.ms",
        "delegation.token.expiry.time.ms",
        "delegation.token.max.lifetime.ms",
        "delegation.token.secret.key",
        "delete.topic.enable",
        "early.start.listeners",
        "fetch.max.bytes",
        "group.initial.rebalance.delay.ms",
        "group.max.session.timeout.ms",
        "group.max.size",
        "group.min.session.timeout.ms",
        "inter.broker.listener.name",
        "listener.security.protocol.map",
        "listeners",
        "log.cleaner.backoff.ms",
        "log.cleaner.dedupe.buffer.size",
        "log.cleaner.enable",
        "log.cleaner.io.max.bytes.per.second",
        "log.cleaner.threads",
        "log.dir",
        "log.dirs",
        "log.retention.check.interval.ms",
        "max.connection.creation.rate",
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
        "offsets.topic.compression.codec",
        "offsets.topic.num.partitions",
        "offsets.topic.replication.factor",
        "offsets.topic.segment.bytes",
        "producer.id.expiration.ms",
        "queued.max.request.bytes",
        "queued.max.response.bytes",
        "quota.window.num",
        "quota.window.size.seconds",
        "sasl.enabled.mechanisms",
        "sasl.jaas.config",
        "sasl.oauthbearer.clock.skew.seconds",
        "sasl.oauthbearer.expected.audience",
        "sasl.oauthbearer.expected.issuer",
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        "sasl.oauthbearer.jwks.endpoint.url",
        "sasl.oauthbearer.scope.claim.name",
        "sasl.oauthbearer.sub.claim.name",
        "sasl.server.callback.handler.class",
        "sasl.server.max.receive.size",
        "security.inter.broker.protocol",
        "replica.alter.log.dirs.io.max.bytes.per.second",
        "socket.listen.backlog.size",
        "socket.receive.buffer.bytes",
        "socket.request.max.bytes",
        "socket.send.buffer.bytes",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms",
        "transaction.max.timeout.ms",
        "transaction.partition.verification.enable",
        "transaction.remove.expired.transaction.cleanup.interval.ms",
        "transaction.state.log.min.isr",
        "transaction.state.log.num.partitions",
        "transaction.state.log.replication.factor",
        "transaction.state.log.segment.bytes",
        "transactional.id.expiration.ms",
        "ssl.allow.dn.changes",
        "ssl.allow.san.changes",
        "ssl.cipher.suites",
        "ssl.client.auth",
        "ssl.enabled.protocols",
        "ssl.endpoint.identification.algorithm",
        "ssl.key.password",
        "ssl.keystore.certificate.chain",
        "ssl.keystore.key",
        "ssl.keystore.location",
        "ssl.keystore.password",
        "ssl.keystore.type",
        "ssl.principal.mapping.rules",
        "ssl.protocol",
        "ssl.truststore.certificates",
        "ssl.truststore.location",
        "ssl.truststore.password",
        "ssl.truststore.type",
    }
    | _INHERITED_BY_TOPICS
)
