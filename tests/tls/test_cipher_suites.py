"""Java's names of cipher suites against OpenSSL's own list."""

import ssl

import pytest

from kbroker.tls.cipher_suites import TLS_1_3, openssl_name


@pytest.mark.parametrize(
    ("java", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"),
        ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", "DHE-RSA-AES256-SHA256"),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
        ("SSL_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
    ],
)
def test_names(java: str, openssl: str) -> None:
    assert openssl_name(java) == openssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(f"{openssl}:@SECLEVEL=0")
    assert openssl in {one["name"] for one in context.get_ciphers()}


@pytest.mark.parametrize("java", ["TLS_RSA_WITH_RC4_128_SHA", "ECDHE-RSA-AES128-SHA", "", *sorted(TLS_1_3)])
def test_what_is_no_suite_of_tls_1_2(java: str) -> None:
    assert openssl_name(java) is None
