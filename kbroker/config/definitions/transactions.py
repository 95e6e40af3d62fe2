"""Transactions and producer ids."""

from kbroker.config.definitions.definition import BOOLEAN, CLUSTER_WIDE, INT, SHORT, Definition
from kbroker.config.validators import at_least

SETTINGS = (
    Definition("add.partitions.to.txn.retry.backoff.max.ms", INT, "100", at_least(0)),
    Definition("add.partitions.to.txn.retry.backoff.ms", INT, "20", at_least(1)),
    Definition("producer.id.expiration.check.interval.ms", INT, "600000", at_least(1), internal=True),
    Definition("producer.id.expiration.ms", INT, "86400000", at_least(1), CLUSTER_WIDE),
    Definition("transaction.abort.timed.out.transaction.cleanup.interval.ms", INT, "10000", at_least(1)),
    Definition("transaction.max.timeout.ms", INT, "900000", at_least(1)),
    Definition("transaction.partition.verification.enable", BOOLEAN, "true", None, CLUSTER_WIDE),
    Definition("transaction.remove.expired.transaction.cleanup.interval.ms", INT, "3600000", at_least(1)),
    Definition("transaction.state.log.load.buffer.size", INT, "5242880", at_least(1)),
    Definition("transaction.state.log.min.isr", INT, "2", at_least(1)),
    Definition("transaction.state.log.num.partitions", INT, "50", at_least(1)),
    Definition("transaction.state.log.replication.factor", SHORT, "3", at_least(1)),
    Definition("transaction.state.log.segment.bytes", INT, "104857600", at_least(1)),
    Definition("transaction.two.phase.commit.enable", BOOLEAN, "false"),
    Definition("transactional.id.expiration.ms", INT, "604800000", at_least(1)),
)
