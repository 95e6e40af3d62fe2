"""How far a running broker lets its numbers of threads be changed at once: to half or double, as Apache Kafka.

kbroker has no such threads, but tools and programs meet the same rule.
"""

from collections.abc import Mapping

from kbroker.config.definitions import BROKER_CONFIGS
from kbroker.config.typed_values import TypedValues
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

THREAD_COUNTS = frozenset(
    {
        "background.threads",
        "log.cleaner.threads",
        "num.io.threads",
        "num.network.threads",
        "num.recovery.threads.per.data.dir",
        "num.replica.fetchers",
    }
)


def check_thread_counts(current: TypedValues, texts: Mapping[str, str]) -> None:
    """Check numbers that shall be set, which must be valid for their types.

    Raises KafkaError INVALID_REQUEST.
    """
    for name in THREAD_COUNTS & texts.keys():
        wanted, now = BROKER_CONFIGS[name].parse(texts[name]), current.int(name)
        if not isinstance(wanted, int) or wanted == now:
            continue
        reason = None
        if wanted < 1:
            reason = "value should be at least 1"
        elif wanted < now // 2:
            reason = f"value should be at least half the current value {now}"
        elif wanted > now * 2:
            reason = f"value should not be greater than double the current value {now}"
        if reason:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                f"Dynamic thread count update validation failed for {name}={wanted}, {reason}",
            )
