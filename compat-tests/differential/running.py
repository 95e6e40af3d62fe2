"""The brokers to hold conversations with: open, where clients authenticate, of several log.dirs, with ACLs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from harness.brokers import Broker

from differential.authorization import prepare_acls
from differential.hold import Ports, prepare
from differential.sasl import prepare_users
from differential.scenario import Scenario
from differential.settings import (
    SASL,
    asks_who_clients_are,
    configured,
    guarded,
    keeps_logs_in_several_places,
)


@contextmanager
def running(make: Callable[[], Broker], scenarios: Iterable[Scenario]) -> Iterator[Ports]:
    """Start what these conversations need."""
    wanted = [*scenarios]
    with ExitStack() as stack:
        is_open = stack.enter_context(configured(make()))
        prepare(is_open.port)
        sasl = several = with_acls = -1
        if any(scenario.sasl for scenario in wanted):
            asking = stack.enter_context(asks_who_clients_are(make()))
            prepare(asking.port)
            prepare_users(asking.port)
            sasl = asking.listeners[SASL]
        if any(scenario.log_dirs for scenario in wanted):
            keeping = stack.enter_context(keeps_logs_in_several_places(make()))
            prepare(keeping.port)
            several = keeping.port
        if any(scenario.guarded for scenario in wanted):
            guard = stack.enter_context(guarded(make()))
            prepare(guard.port)
            prepare_acls(guard.port)
            with_acls = guard.port
        yield Ports(is_open.port, sasl, several, with_acls)
