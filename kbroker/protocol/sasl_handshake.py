"""SaslHandshake (key 17): choose a SASL mechanism."""

from kbroker.protocol.schema import array_of, field, message


@message(key=17, versions="0-1")
class SaslHandshakeRequest:
    """What the client asks."""

    mechanism: str = field("string")


@message(key=17, versions="0-1")
class SaslHandshakeResponse:
    """What the broker answers."""

    error_code: int = field("int16")
    mechanisms: list[str] = field(array_of("string"))
