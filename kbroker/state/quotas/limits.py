"""Which quota of a kind applies to a client: Apache Kafka's precedence.

From (user, client id) over (user, any client id), user, (any user, client id), (any user, any client id), any user
to client id and any client id. A quota of both is each pair's own, one of a user is shared by the user's clients,
one of a client id by its users. Where all quotas of a kind are for one sort of entity, only that sort is looked at.
"""

from collections.abc import Mapping
from math import isnan

from kbroker.state.quotas.entity import CLIENT_ID, IP, USER, Entity

# User and client id; "" is neither, None is the default.
Pair = tuple[str | None, str | None]

_NEITHER = ""


class ClientLimits:
    """The quotas of one kind, `key`, by user and client id."""

    def __init__(self, key: str, quotas: Mapping[Entity, Mapping[str, float]]) -> None:
        self._bounds: dict[Pair, float] = {
            _pair(entity): values[key]
            for entity, values in quotas.items()
            if key in values and entity[0][0] != IP
        }
        sorts = {(user != _NEITHER, client_id != _NEITHER) for user, client_id in self._bounds}
        self._only = sorts.pop() if len(sorts) == 1 else None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._bounds)

    def find(self, user: str, client_id: str) -> tuple[tuple[str, str], float] | None:
        """Who shares the quota that a client has, and its bound by second; None for no limit."""
        payer = self._payer(user, client_id)
        bound = self._bound(*payer)
        return None if bound is None or isnan(bound) else (payer, bound)

    def _payer(self, user: str, client_id: str) -> tuple[str, str]:
        if self._only is not None:
            with_user, with_client_id = self._only
            return user if with_user else _NEITHER, client_id if with_client_id else _NEITHER
        bounds = self._bounds
        if (user, client_id) in bounds or (user, None) in bounds:
            return user, client_id
        if (user, _NEITHER) in bounds:
            return user, _NEITHER
        if (None, client_id) in bounds or (None, None) in bounds:
            return user, client_id
        if (None, _NEITHER) in bounds:
            return user, _NEITHER
        return _NEITHER, client_id

    def _bound(self, user: str, client_id: str) -> float | None:
        pairs: tuple[Pair, ...] = ()
        if user and client_id:
            pairs = (user, client_id), (user, None), (None, client_id), (None, None)
        elif user:
            pairs = (user, _NEITHER), (None, _NEITHER)
        elif client_id:
            pairs = (_NEITHER, client_id), (_NEITHER, None)
        return next((self._bounds[pair] for pair in pairs if pair in self._bounds), None)


def _pair(entity: Entity) -> Pair:
    names = dict(entity)
    return names.get(USER, _NEITHER), names.get(CLIENT_ID, _NEITHER)
