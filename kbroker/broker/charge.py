"""What one request costs its client, and how long the client is muted for it (KIP-13, KIP-124, KIP-219, KIP-599).

Every request pays with the time it takes. A Produce pays with its bytes, a Fetch with those of its answer, which it
does not get when it would have to wait: that it asks for itself, as changes of topics ask for the partitions that they
may create or delete. What has to be waited for longest is told in the answer, which goes out at once; after it the
connection is not read for so long. There is a charge only while some quota is set.
"""

from collections.abc import Callable, Coroutine
from copy import copy
from typing import TYPE_CHECKING, Any, Final

import trio

from kbroker.broker.stopwatch import Stopwatch
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

if TYPE_CHECKING:
    from kbroker.broker.client_quotas import ClientQuotas
    from kbroker.broker.context import RequestContext

PRODUCE, CREATE_TOPICS, DELETE_TOPICS, WRITE_TXN_MARKERS, CREATE_PARTITIONS = 0, 19, 20, 27, 37
# From these versions on clients know THROTTLING_QUOTA_EXCEEDED; older ones are served and made to wait.
_REFUSED_SINCE: Final = {CREATE_TOPICS: 6, DELETE_TOPICS: 5, CREATE_PARTITIONS: 3}
_PERCENT_OF_NS: Final = 100 / 1e9


async def charged(
    handle: Callable[[Any, "RequestContext"], Coroutine[Any, Any, Any]],
    request: Any,
    ctx: "RequestContext",
    size: int,
) -> Any:
    """Answer a request of `size` bytes, and have its client pay. Raises what `handle` raises."""
    charge = ctx.charge = Charge(ctx)
    response = await charge.stopwatch.time(handle(request, ctx))
    if ctx.api_key == PRODUCE:
        charge.produced(size)
    if not charge.timed and ctx.api_key != WRITE_TXN_MARKERS and response is not None:
        charge.worked()
    if charge.throttle_ms:
        ctx.connection.muted_until = trio.current_time() + charge.throttle_ms / 1000
        if hasattr(response, "throttle_time_ms"):
            response = copy(response)
            response.throttle_time_ms = charge.throttle_ms
    return response


class Charge:
    """One request's share of its client's quotas. `throttle_ms` is how long the client has to wait after it."""

    def __init__(self, ctx: "RequestContext") -> None:
        self.throttle_ms = 0
        self.timed = False  # whether the time it took is paid for
        self.stopwatch = Stopwatch()
        self._quotas: ClientQuotas = ctx.broker.quotas
        self._client = ctx.connection.principal.partition(":")[2], ctx.client_id or ""
        self._refuses = ctx.api_version >= _REFUSED_SINCE.get(ctx.api_key, 0)

    def worked(self) -> None:
        """Pay for the time until now."""
        self.timed = True
        percent = self.stopwatch.elapsed_ns * _PERCENT_OF_NS
        self._wait(self._quotas.request.record(*self._client, percent, _now_ms()))

    def produced(self, size: int) -> None:
        """Pay for a request's bytes."""
        self._wait(self._quotas.produce.record(*self._client, size, _now_ms()))

    def fetched(self, size: int) -> bool:
        """Pay for the time, and for an answer's bytes; false if the client has to wait and gets, and pays, none."""
        self.worked()
        now_ms = _now_ms()
        self._wait(self._quotas.fetch.record(*self._client, size, now_ms))
        if self.throttle_ms:
            self._quotas.fetch.take_back(*self._client, size, now_ms)
        return not self.throttle_ms

    def most_fetched(self) -> float:
        """How many bytes an answer may have; a client that gets more has to wait whatever it did before."""
        return self._quotas.fetch.window_allowance(*self._client)

    def mutate(self, partitions: int) -> None:
        """Pay for partitions to be created or deleted. Raises KafkaError THROTTLING_QUOTA_EXCEEDED."""
        quota, now_ms = self._quotas.mutation, _now_ms()
        if self._refuses and (exceeded_ms := quota.exceeded_ms(*self._client, now_ms)):
            self._wait(exceeded_ms)
            raise KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
        quota.record(*self._client, partitions, now_ms)
        if not self._refuses:
            self._wait(quota.exceeded_ms(*self._client, now_ms))

    def created_by_the_way(self, partitions: int) -> bool:
        """Pay for partitions of a topic that is made because it was asked for; false if it may not be."""
        quota, now_ms = self._quotas.mutation, _now_ms()
        if quota.exceeded_ms(*self._client, now_ms):
            return False
        quota.record(*self._client, partitions, now_ms)
        return True

    def _wait(self, throttle_ms: int) -> None:
        self.throttle_ms = max(self.throttle_ms, throttle_ms)


def _now_ms() -> int:
    return int(trio.current_time() * 1000)
