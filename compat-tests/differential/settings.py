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


def configured(broker: Broker) -> Broker:
    """A broker that has not been started yet, with these settings."""
    broker.settings |= SETTINGS
    if isinstance(broker, Kbroker):
        broker.settings |= ALSO_KBROKER | {"advertised.listeners": f"PLAINTEXT://{broker.bootstrap}"}
    return broker
