"""The quota of partitions created and deleted."""

from kbroker.state.quotas.entity import entity_of
from kbroker.state.quotas.limits import ClientLimits
from kbroker.state.quotas.mutation_quota import MutationQuota

KEY = "controller_mutation_rate"


def limit(bound: float) -> ClientLimits:
    return ClientLimits(KEY, {entity_of([("user", None)]): {KEY: bound}})


def test_a_burst_of_eleven_windows_then_what_is_owed() -> None:
    quota = MutationQuota(limit(2), 11, 1000)
    quota.record("u", "c", 22, 0)
    assert quota.exceeded_ms("u", "c", 0) == 0
    quota.record("u", "d", 10, 0)
    assert quota.exceeded_ms("u", "c", 0) == 5000
    assert quota.exceeded_ms("v", "c", 0) == 0
    assert quota.exceeded_ms("u", "c", 5000) == 0


def test_without_a_limit() -> None:
    quota = MutationQuota(limit(1), 11, 1000)
    quota.record("u", "c", 1000, 0)
    quota.change(ClientLimits(KEY, {}))
    quota.record("u", "c", 1000, 0)
    assert quota.exceeded_ms("u", "c", 0) == 0
    quota.change(limit(1))
    assert quota.exceeded_ms("u", "c", 0) == 0
