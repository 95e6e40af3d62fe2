"""UnregisterBroker: brokers that were never there. That of the only one would end it."""

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.unregister_broker import UnregisterBrokerRequest


@scenario([0])
def all_of_it(run: Conversation) -> None:
    for broker in (7, 0, -1, 2**31 - 1):
        run.ask(f"broker {broker}", UnregisterBrokerRequest, broker_id=broker)


@scenario([1])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 64, run.version, bytes(20), flexible=True)
