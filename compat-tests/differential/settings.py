"""What the brokers are started with: small limits, so that their errors can be reached."""

from harness.brokers import Broker, Kbroker

SETTINGS = {
    "node.id": "1",
    "num.partitions": "2",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "300",
    "group.max.size": "3",
}

# What Apache Kafka cannot start without: kbroker is given it too, so that both describe the same configuration.
ALSO_KBROKER = {
    "inter.broker.listener.name": "PLAINTEXT",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "controller.quorum.bootstrap.servers": "127.0.0.1:1",
}


AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
    "super.users": "User:admin",
}
"""What the second broker has on top, which has ACLs."""


def configured(broker: Broker) -> Broker:
    """A broker that has not been started yet, with these settings."""
    broker.settings |= SETTINGS
    if isinstance(broker, Kbroker):
        broker.settings |= ALSO_KBROKER | {"advertised.listeners": broker.endpoints}
    return broker


LOG_DIRS = 3


def keeps_logs_in_several_places(broker: Broker) -> Broker:
    """A broker that has not been started yet, with several log directories side by side."""
    first = broker.data_dir
    others = [first.with_name(f"{first.name}-{number}") for number in range(1, LOG_DIRS)]
    configured(broker).settings |= {"log.dirs": ",".join(str(each) for each in (first, *others))}
    return broker


SASL = "SASL"
PASSWORDS = {"alice": "wonder", "bob": "builder"}
MODULES = "org.apache.kafka.common.security"
USERS = " ".join(f'user_{name}="{password}"' for name, password in PASSWORDS.items())
SESSION_MS = 1500
AUTHENTICATION = {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    "listener.name.sasl.plain.sasl.jaas.config": f"{MODULES}.plain.PlainLoginModule required {USERS};",
    "listener.name.sasl.scram-sha-256.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
    "listener.name.sasl.scram-sha-512.sasl.jaas.config": f"{MODULES}.scram.ScramLoginModule required;",
    "listener.name.sasl.oauthbearer.sasl.jaas.config": (
        f"{MODULES}.oauthbearer.OAuthBearerLoginModule required "
        'unsecuredLoginStringClaim_sub="broker" unsecuredValidatorRequiredScope="kafka";'
    ),
    "listener.name.sasl.scram-sha-256.connections.max.reauth.ms": "3600000",
    "listener.name.sasl.scram-sha-512.connections.max.reauth.ms": str(SESSION_MS),
    "connection.failed.authentication.delay.ms": "20",
    "delegation.token.secret.key": "the secret key",
    "delegation.token.max.lifetime.ms": "7200000",
    "delegation.token.expiry.time.ms": "3600000",
}
"""What a broker has on top that asks its clients who they are."""


def asks_who_clients_are(broker: Broker) -> Broker:
    """A broker that has not been started yet, with a listener on which clients authenticate."""
    broker.add_listener(SASL, "SASL_PLAINTEXT")
    configured(broker).settings |= AUTHENTICATION
    return broker


def guarded(broker: Broker) -> Broker:
    """The same with an authorizer."""
    configured(broker).settings |= AUTHORIZER
    return broker
