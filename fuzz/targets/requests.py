"""Any bytes as a request, through the dispatcher to the handlers of a broker."""

from collections.abc import Iterator

from fixtures import outcome
from fixtures.broker_thread import MAY_WAIT, BrokerThread, StuckError, a_client, no_wait
from fixtures.frames import every_version, frame_of
from fixtures.messages import Known, request_of
from fixtures.source import Source

from kbroker.broker.broker import Broker
from kbroker.dispatch import Dispatcher
from kbroker.errors import RequestRefusedError
from kbroker.protocol.errors import ProtocolError

_broker = BrokerThread()


def check(data: bytes) -> None:
    """Each frame is answered, or refused for a reason of ours."""

    async def ask(_: Broker, dispatcher: Dispatcher) -> None:
        frame = memoryview(bytearray(data))
        try:
            answer = await dispatcher.handle(frame, a_client(), no_wait)
        except (ProtocolError, RequestRefusedError) as error:
            outcome.note(data[:4], type(error).__name__)
            return
        if answer is not None:
            whole = b"".join(answer)
            assert int.from_bytes(whole[:4], "big") == len(whole) - 4, "the answer is not as long as it says"
            assert whole[4:8] == data[4:8], "the answer is to another request"
            outcome.note(data[:4], min(len(whole), 60))

    try:
        _broker.run(ask)
    except StuckError:
        if int.from_bytes(data[:2], "big") not in MAY_WAIT:
            raise


def seeds() -> Iterator[bytes]:
    """Requests of every version, with their defaults and with something in them; names that get too long as UTF-8."""
    yield b"\0\3\0\1\0\0\0\7\xff\xff\0\0\0\1" + (12_000).to_bytes(2, "big") + b"\xff" * 12_000
    for api, version in every_version():
        for content in (b"", bytes(range(0, 120, 7)) * 8, bytes(range(250, 0, -3)) * 8):
            try:
                yield bytes(
                    frame_of(api, version, request_of(Source(content), api.request, version, Known()))
                )
            except ValueError:
                continue


close = _broker.close
