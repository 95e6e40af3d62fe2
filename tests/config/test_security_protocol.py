"""What each security protocol asks for."""

from kbroker.config.security_protocol import SecurityProtocol


def test_tls_and_sasl_are_independent() -> None:
    assert {one.value: (one.uses_tls, one.uses_sasl) for one in SecurityProtocol} == {
        "PLAINTEXT": (False, False),
        "SSL": (True, False),
        "SASL_PLAINTEXT": (False, True),
        "SASL_SSL": (True, True),
    }
