"""Every quota that is set: checked, changed and found."""

from collections.abc import Iterable, Mapping

from attrs import define, field

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import CLIENT_ID, IP, TYPES, USER, Entity
from kbroker.state.quotas.table_order import entities_in_order, values_in_order
from kbroker.state.quotas.values import check_value

EXACT, DEFAULT, ANY = 0, 1, 2  # match types of DescribeClientQuotas

# What to set for one entity, by key; None removes.
Alteration = Mapping[str, float | None]


@define
class QuotaRegistry:
    """Quotas by entity and key."""

    quotas: dict[Entity, dict[str, float]] = field(factory=dict)

    def changes(self, entity: Entity, alteration: Alteration) -> dict[str, float | None]:
        """What an alteration changes, which may be nothing. Raises KafkaError INVALID_REQUEST for a bad value.

        A key that nobody knows may be removed.
        """
        current = self.quotas.get(entity, {})
        changed = {}
        for key, value in alteration.items():
            if value is not None:
                check_value(entity, key, value)
            if value != current.get(key):
                changed[key] = value
        return changed

    def apply(self, entity: Entity, changes: Alteration) -> None:
        """Take over what `changes` returned."""
        quotas = values_in_order(self.quotas.get(entity, {}), changes)
        if quotas:
            self.quotas[entity] = quotas
        else:
            self.quotas.pop(entity, None)

    def describe(
        self, components: Iterable[tuple[str, int, str | None]], *, strict: bool
    ) -> dict[Entity, dict[str, float]]:
        """The quotas of the entities that match all components: (entity type, match type, name), in Kafka's order.

        Strict is without those that have other types, too. Raises KafkaError: INVALID_REQUEST, UNSUPPORTED_VERSION.
        """
        wanted = _filter(components)
        return {
            entity: self.quotas[entity]
            for entity in entities_in_order(self.quotas)
            if _matches(dict(entity), wanted) and not (strict and len(entity) != len(wanted))
        }


def _filter(components: Iterable[tuple[str, int, str | None]]) -> dict[str, tuple[int, str | None]]:
    wanted: dict[str, tuple[int, str | None]] = {}
    for kind, match, name in components:
        if not kind:
            raise KafkaError(ErrorCode.INVALID_REQUEST, "Invalid empty entity type.")
        if kind in wanted:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST, f"Entity type {kind} cannot appear more than once in the filter."
            )
        if kind not in TYPES:
            raise KafkaError(ErrorCode.UNSUPPORTED_VERSION, f"Unsupported entity type {kind}")
        if match not in (EXACT, DEFAULT, ANY):
            raise KafkaError(ErrorCode.INVALID_REQUEST, f"Unknown match type {match}")
        if match == EXACT and name is None:
            raise KafkaError(
                ErrorCode.INVALID_REQUEST, "Request specified MATCH_TYPE_EXACT, but set match string to null."
            )
        if match != EXACT and name is not None:
            which = "DEFAULT" if match == DEFAULT else "SPECIFIED"
            raise KafkaError(
                ErrorCode.INVALID_REQUEST,
                f"Request specified MATCH_TYPE_{which}, but also specified a match string.",
            )
        wanted[kind] = match, name
    if IP in wanted and (USER in wanted or CLIENT_ID in wanted):
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            "Invalid entity filter component combination. IP filter component should not be used with "
            "user or clientId filter component.",
        )
    return wanted


def _matches(entity: Mapping[str, str | None], wanted: Mapping[str, tuple[int, str | None]]) -> bool:
    return all(
        kind in entity and (match == ANY or entity[kind] == name) for kind, (match, name) in wanted.items()
    )
