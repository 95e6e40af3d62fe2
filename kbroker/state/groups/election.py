"""Which protocol wins the members' vote."""

from collections import Counter
from collections.abc import Iterable

_BUCKETS = 16  # of a Java hash map with up to 12 entries; protocols are fewer


def most_voted(votes: Iterable[str]) -> str:
    """The name with most votes; among equals Apache Kafka's choice: what a Java hash map lists first."""
    counts = Counter(votes)
    return max(sorted(counts, key=_bucket), key=counts.__getitem__)


def _bucket(name: str) -> int:
    code = 0
    utf16 = name.encode("utf-16-be", "surrogatepass")
    for high, low in zip(utf16[::2], utf16[1::2], strict=True):
        code = (31 * code + (high << 8 | low)) & 0xFFFFFFFF
    return (code ^ code >> 16) % _BUCKETS
