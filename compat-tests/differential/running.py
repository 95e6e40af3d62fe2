"""The brokers to hold conversations with: an open one, one where clients authenticate, one of several log.dirs."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

from harness.brokers import Broker

from differential.hold import Ports, prepare
from differential.sasl import prepare_users
from differential.scenario import Scenario
from differential.settings import SASL, asks_who_clients_are, configured, keeps_logs_in_several_places


@contextmanager
def running(make: Callable[[], Broker], scenarios: Iterable[Scenario]) -> Iterator[Ports]:
    """Start what these conversations need."""
    with ExitStack() as stack:
        is_open = stack.enter_context(configured(make()))
        prepare(is_open.port)
        sasl = -1
        if any(scenario.sasl for scenario in scenarios):
            asking = stack.enter_context(asks_who_clients_are(make()))
            prepare(asking.port)
            prepare_users(asking.port)
            sasl = asking.listeners[SASL]
        several = -1
        if any(scenario.log_dirs for scenario in scenarios):
            keeping = stack.enter_context(keeps_logs_in_several_places(make()))
            prepare(keeping.port)
            several = keeping.port
        yield Ports(is_open.port, sasl, several)
