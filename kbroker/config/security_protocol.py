"""What a listener does before and below the Kafka protocol, by the names of `listener.security.protocol.map`."""

from enum import StrEnum


class SecurityProtocol(StrEnum):
    """How clients of a listener are heard and who they are."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"

    @property
    def uses_tls(self) -> bool:
        """Whether bytes are encrypted."""
        return self in (SecurityProtocol.SSL, SecurityProtocol.SASL_SSL)

    @property
    def uses_sasl(self) -> bool:
        """Whether clients must authenticate with SaslHandshake and SaslAuthenticate first."""
        return self in (SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL)
