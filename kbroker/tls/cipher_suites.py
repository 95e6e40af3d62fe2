"""Names of cipher suites: Java's, which are the standard's, as OpenSSL knows them."""

import re

TLS_1_3 = frozenset(
    {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_AES_128_CCM_SHA256",
        "TLS_AES_128_CCM_8_SHA256",
    }
)
_STANDARD = re.compile(
    r"(?:TLS|SSL)_(?P<exchange>RSA|(?:EC)?DHE_(?:RSA|ECDSA|DSS))_WITH_"
    r"(?P<cipher>AES_(?:128|256)|CHACHA20)_(?P<mode>CBC|GCM|POLY1305)_(?P<hash>SHA(?:256|384)?)"
)


def openssl_name(suite: str) -> str | None:
    """OpenSSL's name of a suite of TLS 1.2, `ECDHE-RSA-AES128-GCM-SHA256`; None for one that isn't in use any more."""
    match = _STANDARD.fullmatch(suite)
    if match is None:
        return None
    exchange = "" if match["exchange"] == "RSA" else match["exchange"].replace("_", "-") + "-"
    if match["mode"] == "POLY1305":
        return f"{exchange}CHACHA20-POLY1305"
    mode = "-GCM" if match["mode"] == "GCM" else ""
    return f"{exchange}{match['cipher'].replace('AES_', 'AES')}{mode}-{match['hash']}"
