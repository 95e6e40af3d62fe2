"""Whole properties files, as `--config` takes them, and JAAS files: a start, or one line that says why not."""

import re
from collections.abc import Iterator
from pathlib import Path

from fixtures import outcome
from fixtures.settings import begin_or_say_why

from kbroker.config.add_scram import parse_add_scram
from kbroker.config.broker_config import StaticValue
from kbroker.config.create_topics import parse_create_topics
from kbroker.config.definitions import BROKER_CONFIGS
from kbroker.config.jaas import JaasError, parse_jaas, parse_jaas_file
from kbroker.config.properties import parse_properties
from kbroker.config.sources import Sources
from kbroker.errors import StartupError

_JAAS = 'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_a="b";'
_KEYS = "sasl.oauthbearer.jwks.endpoint.url=http://[::1/keys"
_LEAD_TO_FILES = re.compile("/(?:dev|proc|sys)/")


def check(data: bytes) -> None:
    """Nothing but a StartupError stops a start."""
    kind = (data[:1] or b"\0")[0] % 8
    text = data[1:].decode("utf-8", "replace")
    try:
        match kind:
            case 5:
                outcome.note("jaas", len(parse_jaas(text)))
            case 6:
                outcome.note("jaas file", len(parse_jaas_file(text)))
            case 7:
                parse_add_scram(text, "here")
                parse_create_topics(text, ",")
            case _:
                if not _LEAD_TO_FILES.search(text):
                    _start(text)
    except (JaasError, StartupError) as error:
        outcome.note(kind, str(error)[:24])


def _start(text: str) -> None:
    sources = Sources()
    for found in parse_properties(text):
        sources.values[found.name] = StaticValue(found.value, f"file:{found.line}")
    begin_or_say_why(sources)


def seeds() -> Iterator[bytes]:
    """Every setting by itself with values that it may not like, files that people have, and JAAS."""
    values = ("", "1", "-1", "a,b", "true", "1e999", "9" * 20, "NaN", "\\u0000", "\\ud800", "x" * 300)
    for index, name in enumerate(BROKER_CONFIGS):
        for value in (values[index % len(values)], values[(index * 7 + 3) % len(values)]):
            yield f"\0{name}={value}\n".encode()
    for listeners in (
        "listeners=SASL_SSL://:9093,PLAINTEXT://[::1]:9092\nadvertised.listeners=SASL_SSL://a:1,PLAINTEXT://b:2",
        "listeners=A://:1,B://:2\nlistener.security.protocol.map=A:SSL,B:SASL_PLAINTEXT",
        "advertised.listeners=PLAINTEXT://h:9092\ninter.broker.listener.name=PLAINTEXT\ncontroller.listener.names=C",
        "listeners=PLAINTEXT://:" + "9" * 5000,
        "listeners=SASL_PLAINTEXT://:9092\nsasl.enabled.mechanisms=PLAIN,GSSAPI\n" + _JAAS,
        "listeners=SASL_PLAINTEXT://:9092\nsasl.enabled.mechanisms=OAUTHBEARER\n" + _KEYS,
        "listeners=SSL://:9092\nssl.keystore.location=/no\\u0000where\nssl.keystore.password=x",
        "listeners=SSL://:9092\nssl.keystore.type=PEM\nssl.keystore.key=-----BEGIN PRIVATE KEY-----\\n",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\nsuper.users=User:a;b",
        "log.dirs=/a,/b,\nlog.dir=/c\nnode.id=1\nbroker.id=2",
        "log.dirs=~nobody-of-this-name/x",
        "listener.name.plaintext.max.connections=x\nlistener.name.plaintext.ssl.client.auth=never",
        "max.connections.per.ip.overrides=127.0.0.1:x,,a:1",
        "a\\\n  b : c\\u20AC\\t\n!x\n#y\nd\\ =\\:e\n\\ud83d\\ude00=\\ud83d\\ude00\n\\u12",
    ):
        yield b"\0" + listeners.encode()
    for kind in (b"\5", b"\6"):
        for jaas in (
            'x.PlainLoginModule required user_a="b\\"" user_b=\'c\' /* d */ e=f; // g',
            "KafkaServer { x.ScramLoginModule sufficient a=b; };\nother.KafkaServer { y required; };",
            '"', "{", "a b c=", "a required \\777=\\8;", "/*",
        ):  # fmt: skip
            yield kind + jaas.encode()
    for scram in (
        "SCRAM-SHA-256=[name=a,password=b]",
        'SCRAM-SHA-512=[name=a,salt="AA",saltedpassword=AA,iterations=4096]',
    ):
        yield b"\7" + scram.encode()
    yield b"\7SCRAM-SHA-256=[name=a,password=b,iterations=" + b"9" * 5000 + b"]"
    yield b"\7a:1:1,b:2:1:compact"
    yield b"\7a:" + b"9" * 5000 + b":1"
    examples = Path(__file__).parent.parent.parent / "README.md"
    yield b"\0" + examples.read_bytes()[:4000] if examples.exists() else b"\0"
