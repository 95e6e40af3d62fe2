"""What connections of SASL listeners authenticate with."""

from kbroker.broker.sasl.mechanisms import SaslMechanisms

__all__ = ["SaslMechanisms"]
