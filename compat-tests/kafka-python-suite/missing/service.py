"""Stands in for the module of this name that kafka-python's sdist leaves out: a broker that runs already.

Its fixtures import both names; they start the second only where no broker is given, which isn't done here.
"""


class ExternalService:
    """A service this suite neither starts nor stops."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    def open(self) -> None:
        """It runs already."""

    def close(self) -> None:
        """It goes on."""

    def dump_logs(self) -> None:
        """Its log is elsewhere."""

    def wait_for(self, pattern: str, timeout: float = 30) -> bool:  # noqa: ARG002 the suite's signature
        """It is ready already."""
        return True


class SpawnedService:
    """A service the suite would start itself."""

    def __init__(self, *_: object) -> None:
        raise NotImplementedError("set KAFKA_URI: this suite runs against a broker that is up already")
