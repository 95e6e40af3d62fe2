"""What both brokers are started with: small limits, so that their errors can be reached."""

SETTINGS = {
    "node.id": "1",
    "num.partitions": "2",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "300",
    "group.max.size": "3",
}
