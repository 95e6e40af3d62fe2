"""How many replicas a partition may have: as many as there are brokers, and there is one."""

from kbroker.config.broker_config import BrokerConfig
from kbroker.state.partition_layout import check_replication_factor

ACCEPT_ANY = "accept.any.replication.factor"


def replication_factor(config: BrokerConfig, asked: int) -> int:
    """The replicas that a partition gets when so many are asked for.

    Raises KafkaError INVALID_REPLICATION_FACTOR above the number of brokers, unless the broker takes any for one.
    """
    if asked > 1 and config.bool(ACCEPT_ANY):
        return 1
    check_replication_factor(asked, {config.int("node.id")})
    return asked
