"""Client metrics: subscriptions to what clients measure (KIP-714)."""

from kbroker.config.definitions.definition import INT, LIST, Definition, by_name
from kbroker.config.validators import distinct

SETTINGS = (
    Definition("interval.ms", INT, "300000"),
    Definition("match", LIST, "", distinct()),
    Definition("metrics", LIST, "", distinct()),
)

CLIENT_METRICS_CONFIGS = by_name(SETTINGS)
