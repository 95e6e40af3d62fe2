"""A certificate authority and what it signs, made for one run, in the formats that brokers and clients take."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

PASSWORD = "store-secret"


class Identity:
    """A key and a certificate, in files of a directory."""

    def __init__(
        self,
        directory: Path,
        name: str,
        issuer: "Identity | None" = None,
        *,
        host: str = "localhost",
        days: int = 30,
        authority: bool = False,
    ) -> None:
        self._stem = directory / name.replace(" ", "-").lower()
        self.name = name
        self.key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        now = datetime.now(UTC)
        names: list[Any] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(issuer.key if issuer else self.key, hashes.SHA256())
        )

    def certificate_file(self) -> Path:
        """The certificate in PEM."""
        return self._written("crt", self.certificate.public_bytes(Encoding.PEM))

    def key_file(self) -> Path:
        """The key in PEM, PKCS#8."""
        return self._written("key", self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def pem_file(self) -> Path:
        """Both in one file, as Kafka's PEM key stores have it."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self._written("pem", key + self.certificate.public_bytes(Encoding.PEM))

    def pkcs12_file(self) -> Path:
        """Both as a PKCS12 key store with PASSWORD."""
        encryption = BestAvailableEncryption(PASSWORD.encode())
        store = serialize_key_and_certificates(b"key", self.key, self.certificate, None, encryption)
        return self._written("p12", store)

    def _written(self, suffix: str, data: bytes) -> Path:
        path = self._stem.with_suffix(f".{suffix}")
        new = path.with_suffix(f".{suffix}.new")
        new.write_bytes(data)
        new.replace(path)
        return path
