"""What can be set for one group: consumer, share and streams groups (KIP-848, KIP-932, KIP-1071)."""

from kbroker.config.definitions.definition import BOOLEAN, INT, STRING, Definition, by_name
from kbroker.config.validators import at_least, one_of, share_offset_reset

SETTINGS = (
    Definition("consumer.assignment.interval.ms", INT, "1000", at_least(0)),
    Definition("consumer.heartbeat.interval.ms", INT, "5000", at_least(1)),
    Definition("consumer.session.timeout.ms", INT, "45000", at_least(1)),
    Definition("share.assignment.interval.ms", INT, "1000", at_least(0)),
    Definition("share.auto.offset.reset", STRING, "latest", share_offset_reset),
    Definition("share.delivery.count.limit", INT, "5", at_least(2)),
    Definition("share.heartbeat.interval.ms", INT, "5000", at_least(1)),
    Definition(
        "share.isolation.level", STRING, "read_uncommitted", one_of("read_committed", "read_uncommitted")
    ),
    Definition("share.partition.max.record.locks", INT, "2000", at_least(100)),
    Definition("share.record.lock.duration.ms", INT, "30000", at_least(1000)),
    Definition("share.renew.acknowledge.enable", BOOLEAN, "true"),
    Definition("share.session.timeout.ms", INT, "45000", at_least(1)),
    Definition("streams.assignment.interval.ms", INT, "1000", at_least(0)),
    Definition("streams.heartbeat.interval.ms", INT, "5000", at_least(1)),
    Definition("streams.initial.rebalance.delay.ms", INT, "3000", at_least(0)),
    Definition("streams.num.standby.replicas", INT, "0", at_least(0)),
    Definition("streams.session.timeout.ms", INT, "45000", at_least(1)),
)

GROUP_CONFIGS = by_name(SETTINGS)
