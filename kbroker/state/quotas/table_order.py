"""The order in which Apache Kafka lists quotas: that of Java's hash tables, which tests of clients expect."""

from collections.abc import Iterable, Mapping

from kbroker.state.quotas.entity import Entity

_CHANGES = 16  # buckets of the table in which Apache Kafka collects what an alteration changes
_BITS_32 = 0xFFFFFFFF


def values_in_order(before: Mapping[str, float], changes: Mapping[str, float | None]) -> dict[str, float]:
    """The quotas of an entity after an alteration: those it had before come first, where buckets are shared."""
    kept = {key: changes.get(key, value) for key, value in before.items()}
    for key in sorted(changes, key=lambda key: _bucket(_text_hash(key), _CHANGES)):
        kept.setdefault(key, changes[key])
    values = {key: value for key, value in kept.items() if value is not None}
    buckets = _buckets(len(values))
    return {key: values[key] for key in sorted(values, key=lambda key: _bucket(_text_hash(key), buckets))}


def entities_in_order(entities: Iterable[Entity]) -> list[Entity]:
    """All entities that have quotas."""
    found = list(entities)
    buckets = _buckets(len(found))
    return sorted(found, key=lambda entity: _bucket(_entity_hash(entity), buckets))


def _buckets(count: int) -> int:
    """How many a table of `count` entries has: it doubles when more than three quarters of them are in use."""
    buckets = 1
    while count > buckets * 3 // 4:
        buckets *= 2
    return buckets


def _bucket(hashed: int, buckets: int) -> int:
    return (hashed ^ hashed >> 16) & (buckets - 1)


def _entity_hash(entity: Entity) -> int:
    parts = (_text_hash(kind) ^ (0 if name is None else _text_hash(name)) for kind, name in entity)
    return 31 + sum(parts) & _BITS_32


def _text_hash(text: str) -> int:
    """Java's String.hashCode, without its sign."""
    hashed = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        hashed = hashed * 31 + (high << 8 | low) & _BITS_32
    return hashed
