"""Errors that end something: the start of the broker, or a connection."""

from collections.abc import Sequence


class StartupError(Exception):
    """The broker cannot start; the message is one line that says what to change."""


class RequestRefusedError(Exception):
    """A request that Apache Kafka answers by closing the connection. `cause` groups log lines, the message is one.

    `answer` is what the client is sent before, if anything.
    """

    def __init__(
        self, cause: str, message: str, answer: Sequence[bytes | bytearray | memoryview] = ()
    ) -> None:
        super().__init__(message)
        self.cause = cause
        self.answer = answer
