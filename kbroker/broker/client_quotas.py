"""Client quotas of a broker: durable in the QuotaStore before they are in force; what was used of them is in memory."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

import trio

from kbroker.broker.addresses import resolve
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.quotas.entity import IP, check_entity
from kbroker.state.quotas.limits import ClientLimits
from kbroker.state.quotas.mutation_quota import MutationQuota
from kbroker.state.quotas.rate_quota import RateQuota
from kbroker.state.quotas.registry import QuotaRegistry
from kbroker.state.quotas.values import (
    CONNECTION_CREATION_RATE,
    CONSUMER_BYTE_RATE,
    CONTROLLER_MUTATION_RATE,
    PRODUCER_BYTE_RATE,
    REQUEST_PERCENTAGE,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from kbroker.broker.quotas_in_force import QuotasInForce
    from kbroker.config.broker_config import BrokerConfig
    from kbroker.state.quotas.entity import Entity
    from kbroker.state.quotas.registry import Alteration
    from kbroker.storage.interfaces.quotas import QuotaStore

log = logging.getLogger(__name__)

_NO_LIMITS: Final = ClientLimits("", {})


class ClientQuotas:
    """Describes, alters and holds quotas; what comes of them is in `in_force`."""

    def __init__(self, config: BrokerConfig, store: QuotaStore, in_force: QuotasInForce) -> None:
        """Start without quotas; `load` brings those of the store."""
        samples = config.int("quota.window.num")
        window_ms = config.int("quota.window.size.seconds") * 1000
        self.produce = RateQuota(_NO_LIMITS, samples, window_ms)
        self.fetch = RateQuota(_NO_LIMITS, samples, window_ms)
        self.request = RateQuota(_NO_LIMITS, samples, window_ms, max_throttle_ms=window_ms)
        self.mutation = MutationQuota(
            _NO_LIMITS,
            config.int("controller.quota.window.num"),
            config.int("controller.quota.window.size.seconds") * 1000,
        )
        self._store = store
        self.in_force = in_force
        self._registry = QuotaRegistry()
        self._changes = trio.Lock()
        self._addresses: dict[str, str] = {}  # of hosts that have quotas

    async def load(self) -> None:
        """Take over what the store holds."""
        self._registry.quotas = await self._store.load()
        self._addresses = await _addresses(self._registry.quotas)
        for name in _hosts(self._registry.quotas) - self._addresses.keys():
            log.warning("the quota of %s is not in force: no such host can be found", name)
        self._put_in_force()

    async def alter(
        self, entries: Sequence[tuple[Entity, Alteration | None]], *, validate_only: bool
    ) -> dict[Entity, KafkaError | None]:
        """Set or remove quotas; the outcome for each entity is its own.

        An alteration of None is one that names a key twice. Of an entity that comes again only the first
        alteration is carried out, but its outcome is an error. Raises KafkaError KAFKA_STORAGE_ERROR.
        """
        addresses = await _addresses(entity for entity, _ in entries)
        async with self._changes:
            outcomes: dict[Entity, KafkaError | None] = {}
            changes: dict[Entity, dict[str, float | None]] = {}
            for entity, alteration in entries:
                try:
                    if entity in outcomes or alteration is None:
                        raise KafkaError(
                            ErrorCode.INVALID_REQUEST, f"Ignoring duplicate entity {_readable(entity)}"
                        )
                    outcomes[entity] = None
                    check_entity(entity)
                    _check_address(entity, addresses)
                    if changed := self._registry.changes(entity, alteration):
                        changes[entity] = changed
                except KafkaError as error:
                    outcomes[entity] = error
            if changes and not validate_only:
                await self._store.change(changes)
                for entity, change in changes.items():
                    self._registry.apply(entity, change)
                self._addresses |= addresses
                self._put_in_force()
            return outcomes

    def describe(
        self, components: Iterable[tuple[str, int, str | None]], *, strict: bool
    ) -> dict[Entity, dict[str, float]]:
        """The quotas that match a filter: see QuotaRegistry."""
        return self._registry.describe(components, strict=strict)

    def _put_in_force(self) -> None:
        quotas = self._registry.quotas
        for quota, key in (
            (self.produce, PRODUCER_BYTE_RATE),
            (self.fetch, CONSUMER_BYTE_RATE),
            (self.request, REQUEST_PERCENTAGE),
            (self.mutation, CONTROLLER_MUTATION_RATE),
        ):
            quota.change(ClientLimits(key, quotas))
        hosts = {entity[0][1]: values for entity, values in quotas.items() if entity[0][0] == IP}
        self._addresses = {name: address for name, address in self._addresses.items() if name in hosts}
        self.in_force.connection_rates = {
            None if name is None else self._addresses[name]: values[CONNECTION_CREATION_RATE]
            for name, values in hosts.items()
            if name is None or name in self._addresses
        }
        self.in_force.enforced = any(entity[0][0] != IP for entity in quotas)


def _hosts(entities: Iterable[Entity]) -> set[str]:
    return {name for entity in entities for kind, name in entity[:1] if kind == IP and name}


async def _addresses(entities: Iterable[Entity]) -> dict[str, str]:
    """Addresses of those hosts in the entities that have one."""
    found = {name: await resolve(name) for name in _hosts(entities)}
    return {name: address for name, address in found.items() if address is not None}


def _check_address(entity: Entity, addresses: Container[str]) -> None:
    kind, name = entity[0]
    if kind == IP and name is not None and name not in addresses:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"{name} is not a valid IP or resolvable host.")


def _readable(entity: Entity) -> str:
    return ", ".join(f"{kind}={name}" for kind, name in entity)
