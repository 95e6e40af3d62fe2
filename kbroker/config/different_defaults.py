"""Defaults that differ from Apache Kafka 4.3.1's. docs/configuration.md shows this table; a test compares the two."""

from collections.abc import Mapping

from attrs import frozen


@frozen
class DifferentDefault:
    """What kbroker has, what Apache Kafka has (None: nothing, it has to be set), and why."""

    value: str
    apache: str | None
    reason: str


DIFFERENT_DEFAULTS: Mapping[str, DifferentDefault] = {
    "broker.id": DifferentDefault("0", "-1", "the old name of node.id"),
    "group.coordinator.rebalance.protocols": DifferentDefault(
        "classic", "classic,consumer,streams", "the other protocols are not served yet"
    ),
    "group.initial.rebalance.delay.ms": DifferentDefault(
        "0", "3000", "a new group has its first record at once"
    ),
    "group.min.session.timeout.ms": DifferentDefault(
        "1000", "6000", "tests may use short sessions to see a consumer fail over"
    ),
    "listeners": DifferentDefault(
        "PLAINTEXT://localhost:9092", "PLAINTEXT://:9092", "nothing is open to the network unless asked for"
    ),
    "log.dir": DifferentDefault("kbroker-data", "/tmp/kafka-logs", "data survives a reboot"),  # noqa: S108
    "node.id": DifferentDefault("0", None, "a broker starts without any configuration"),
    "offsets.topic.replication.factor": DifferentDefault("1", "3", "there is one broker"),
    "share.coordinator.state.topic.min.isr": DifferentDefault("1", "2", "there is one broker"),
    "share.coordinator.state.topic.replication.factor": DifferentDefault("1", "3", "there is one broker"),
    "socket.listen.backlog.size": DifferentDefault(
        "1024", "50", "clients that all come back at once need not try again a second later"
    ),
    "socket.receive.buffer.bytes": DifferentDefault(
        "-1", "102400", "the kernel's own size, which follows what the client sends"
    ),
    "socket.send.buffer.bytes": DifferentDefault(
        "409600", "102400", "fewer waits for consumers, and still small enough for a processor's caches"
    ),
    "transaction.state.log.min.isr": DifferentDefault("1", "2", "there is one broker"),
    "transaction.state.log.replication.factor": DifferentDefault("1", "3", "there is one broker"),
}
