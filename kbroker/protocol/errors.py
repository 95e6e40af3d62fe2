"""The two ways a request goes wrong: its bytes cannot be read, or it is answered with an error code."""

from kbroker.protocol.error_codes import ErrorCode


class ProtocolError(Exception):
    """Bytes that are not what the protocol says. Nothing after them can be trusted: the connection is closed."""


class KafkaError(Exception):
    """A request, or one item of it, is answered with `code`, and with `message` where the response has room for one."""

    def __init__(self, code: ErrorCode, message: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code.name} ({self.code.value})" + (f": {self.message}" if self.message else "")
