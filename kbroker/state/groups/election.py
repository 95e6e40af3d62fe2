"""Which protocol wins the members' vote."""

from collections import Counter
from collections.abc import Iterable

from kbroker.state.java_strings import hash_code

_BUCKETS = 16  # of a Java hash map with up to 12 entries; protocols are fewer


def most_voted(votes: Iterable[str]) -> str:
    """The name with most votes; among equals Apache Kafka's choice: what a Java hash map lists first."""
    counts = Counter(votes)
    return max(sorted(counts, key=_bucket), key=counts.__getitem__)


def _bucket(name: str) -> int:
    code = hash_code(name) & 0xFFFFFFFF
    return (code ^ code >> 16) % _BUCKETS
