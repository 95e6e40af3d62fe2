"""The two ways a request goes wrong: its bytes cannot be read, or it is answered with an error code."""

from kbroker.protocol.error_codes import ErrorCode


class ProtocolError(Exception):
    """Bytes that are not what the protocol says; what follows cannot be trusted, so the connection closes."""


class LongVarintError(ProtocolError):
    """A number of variable length goes on beyond its width: Apache Kafka tells that from other damage of records."""


class TextTooLongError(ValueError):
    """A response repeats a text that has grown beyond what any may have: each bad byte of UTF-8 becomes three."""


class KafkaError(Exception):
    """A request, or one item of it, is answered with `code`, and `message` where the response has room."""

    def __init__(self, code: ErrorCode, message: str | None = None) -> None:
        """`message` is for the person at the client."""
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        """Name, number and message."""
        return f"{self.code.name} ({self.code.value})" + (f": {self.message}" if self.message else "")
