"""Hold conversations with a broker."""

import time
from concurrent.futures import ThreadPoolExecutor

from attrs import frozen

from differential.conversation import Client, Conversation, Step
from differential.recording import Runs
from differential.scenario import Scenario
from kbroker.protocol.find_coordinator import FindCoordinatorRequest
from kbroker.protocol.heartbeat import HeartbeatRequest
from kbroker.protocol.init_producer_id import InitProducerIdRequest


@frozen
class Ports:
    """Where the brokers are: an open one, a listener to authenticate at, one of several log.dirs, one with ACLs."""

    open: int
    sasl: int = -1
    log_dirs: int = -1
    guarded: int = -1

    def of(self, scenario: Scenario) -> int:
        """The port that a conversation is held at."""
        if scenario.guarded:
            return self.guarded
        if scenario.log_dirs:
            return self.log_dirs
        return self.sasl if scenario.sasl else self.open


STOPPED = "the scenario could not go on"
AT_A_TIME = 5
COORDINATOR_ERRORS = (14, 15, 16)


def prepare(port: int) -> None:
    """Wait until the broker has made what it makes at first use."""
    conversation = Conversation(port, "prepare", 0)
    await_coordinators(conversation.first)
    conversation.close()


def await_coordinators(client: Client) -> None:
    """Wait until there are internal topics and a block of producer ids; nothing is recorded."""
    for _ in range(200):
        found = client.quietly(FindCoordinatorRequest, 1, key="g", key_type=0)
        beat = client.quietly(HeartbeatRequest, 0, group_id="g", generation_id=0, member_id="m")
        other = client.quietly(FindCoordinatorRequest, 1, key="t", key_type=1)
        given = client.quietly(InitProducerIdRequest, 1, transactional_id=None)
        waiting = found.error_code or other.error_code or given.error_code
        if not waiting and beat.error_code not in COORDINATOR_ERRORS:
            break
        time.sleep(0.05)


def hold(scenario: Scenario, version: int, ports: Ports) -> list[Step]:
    """Hold one conversation and return its steps; when an answer left it nowhere to go, the last step says so."""
    conversation = Conversation(ports.of(scenario), scenario.run_name(version), version)
    try:
        scenario.talk(conversation)
    except (LookupError, AttributeError, OSError, AssertionError, ValueError) as stop:
        conversation.steps.append({"step": STOPPED, "answer": f"{type(stop).__name__}: {stop}"})
    finally:
        conversation.close()
    return conversation.steps


def hold_versions(scenario: Scenario, ports: Ports) -> Runs:
    """Hold a conversation in each of its versions: some at a time, for they mostly wait, unless it needs the broker."""
    with ThreadPoolExecutor(1 if scenario.last else AT_A_TIME) as pool:
        held = pool.map(lambda version: hold(scenario, version, ports), scenario.versions)
        return dict(zip(scenario.versions, held, strict=True))
