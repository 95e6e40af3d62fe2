"""Key stores as Kafka's container images are given them: by variables that name files, not by settings.

- cp-kafka and apache/kafka: `KAFKA_SSL_KEYSTORE_FILENAME` is a file in /etc/kafka/secrets, `KAFKA_SSL_KEY_CREDENTIALS`,
  `KAFKA_SSL_KEYSTORE_CREDENTIALS` and so on are files there that hold a password
- bitnami: `KAFKA_TLS_TYPE`, `KAFKA_TLS_CLIENT_AUTH` and `KAFKA_CERTIFICATE_PASSWORD`, with files of fixed names
"""

from collections.abc import Mapping
from pathlib import Path

from kbroker.config.broker_config import StaticValue
from kbroker.errors import StartupError

SECRETS_DIR = Path("/etc/kafka/secrets")
BITNAMI_DIRS = (Path("/bitnami/kafka/config/certs"), Path("/opt/bitnami/kafka/config/certs"))
_FILES = {
    "KAFKA_SSL_KEYSTORE_FILENAME": "ssl.keystore.location",
    "KAFKA_SSL_TRUSTSTORE_FILENAME": "ssl.truststore.location",
}
_PASSWORDS = {
    "KAFKA_SSL_KEY_CREDENTIALS": "ssl.key.password",
    "KAFKA_SSL_KEYSTORE_CREDENTIALS": "ssl.keystore.password",
    "KAFKA_SSL_TRUSTSTORE_CREDENTIALS": "ssl.truststore.password",
}
_BITNAMI = (
    "KAFKA_TLS_TYPE",
    "KAFKA_TLS_CLIENT_AUTH",
    "KAFKA_TLS_TRUSTSTORE_FILE",
    "KAFKA_TLS_INTER_BROKER_AUTH",
    "KAFKA_CERTIFICATE_PASSWORD",
)
VARIABLES = frozenset({*_FILES, *_PASSWORDS, *_BITNAMI})


def store_settings(given: Mapping[str, str]) -> dict[str, StaticValue]:
    """The settings that these variables stand for. Raises StartupError for a file that can't be read."""
    settings = {}
    for variable, name in _FILES.items():
        if variable in given:
            settings[name] = StaticValue(str(SECRETS_DIR / given[variable]), variable)
    for variable, name in _PASSWORDS.items():
        if variable in given:
            settings[name] = StaticValue(_read(SECRETS_DIR / given[variable], variable).strip(), variable)
    if any(variable in given for variable in _BITNAMI):
        settings |= _bitnami(given)
    return settings


def _bitnami(given: Mapping[str, str]) -> dict[str, StaticValue]:
    kind = given.get("KAFKA_TLS_TYPE", "JKS").upper()
    directory = next((one for one in BITNAMI_DIRS if one.is_dir()), BITNAMI_DIRS[0])
    trust = given.get(
        "KAFKA_TLS_TRUSTSTORE_FILE", "kafka.truststore.pem" if kind == "PEM" else "kafka.truststore.jks"
    )
    password = given.get("KAFKA_CERTIFICATE_PASSWORD")
    texts = {
        "ssl.keystore.type": kind,
        "ssl.truststore.type": kind,
        "ssl.client.auth": given.get("KAFKA_TLS_CLIENT_AUTH", "required"),
    }
    if password is not None:
        texts["ssl.key.password"] = password
    if kind == "PEM":
        for name, file in (
            ("ssl.keystore.key", "kafka.keystore.key"),
            ("ssl.keystore.certificate.chain", "kafka.keystore.pem"),
            ("ssl.truststore.certificates", trust),
        ):
            if (path := directory / file).exists():
                texts[name] = _read(path, "KAFKA_TLS_TYPE")
    else:
        texts["ssl.keystore.location"] = str(directory / "kafka.keystore.jks")
        texts["ssl.truststore.location"] = str(directory / trust)
        if password is not None:
            texts |= {"ssl.keystore.password": password, "ssl.truststore.password": password}
    return {name: StaticValue(text, "KAFKA_TLS_TYPE") for name, text in texts.items()}


def _read(path: Path, variable: str) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise StartupError(f"{variable}: can't read {path}: {reason}") from None
