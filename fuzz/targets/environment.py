"""The environment of a container, as its image would read it: a start, or one line that says why not."""

from collections.abc import Iterator

from fixtures import outcome
from fixtures.settings import begin_or_say_why

from kbroker.cli.container import add_container_listeners
from kbroker.config.broker_config import StaticValue
from kbroker.config.sources import Sources
from kbroker.errors import StartupError

_NAMES = (
    "KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS", "KAFKA_CFG_NUM_PARTITIONS", "KAFKA_BROKER_ID", "KAFKA_NODE_ID",
    "KAFKA_ADVERTISED_HOST_NAME", "KAFKA_ADVERTISED_PORT", "KAFKA_PORT", "KAFKA_CREATE_TOPICS",
    "KAFKA_CREATE_TOPICS_SEPARATOR",
    "ADVERTISED_HOST", "ADVERTISED_PORT", "KAFKA_CLIENT_USERS", "KAFKA_CLIENT_PASSWORDS", "KAFKA_OPTS",
    "KBROKER_ADD_SCRAM",
    "KAFKA_INTER_BROKER_USER", "KAFKA_INTER_BROKER_PASSWORD", "CLUSTER_ID", "KAFKA_KRAFT_CLUSTER_ID", "KAFKA_LOG_DIRS",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "KAFKA_INTER_BROKER_LISTENER_NAME", "KAFKA_SSL_KEYSTORE_FILENAME",
    "KAFKA_SSL_KEY_CREDENTIALS", "KAFKA_TLS_TYPE", "KAFKA_CERTIFICATE_PASSWORD", "KAFKA_RACK_COMMAND",
    "KAFKA_SUPER_USERS",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "KAFKA_LOG_RETENTION_MS", "KAFKA_PORT_9092_TCP", "KAFKA_",
    "KAFKA_A___B__C",
    "KAFKA_SASL_ENABLED_MECHANISMS", "KAFKA_SASL_JAAS_CONFIG", "KAFKA_AUTHORIZER_CLASS_NAME", "KAFKA_CFG_LISTENERS",
)  # fmt: skip


def check(data: bytes) -> None:
    """Nothing but a StartupError stops a start."""
    container, _, rest = data.partition(b"\0")
    environ = {}
    for entry in rest.split(b"\0"):
        name, equals, value = entry.partition(b"=")
        if equals and name and b"/dev/" not in value and b"/proc/" not in value:
            # As os.environ has bytes that are no UTF-8.
            environ[name.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
    sources = Sources()
    try:
        sources.values["log.dirs"] = StaticValue("/data", "container default")
        sources.add_environment(environ)
        if container:
            add_container_listeners(sources)
    except StartupError as error:
        outcome.note(str(error)[:24])
        return
    for topic in sources.topics:
        topic.name.encode()
        assert topic.partitions > 0
    for user in sources.scram:
        user.name.encode()
        (user.password or "").encode()
    begin_or_say_why(sources)


def seeds() -> Iterator[bytes]:
    """Each variable with several values, and the environments of several images."""
    values = (
        "1", "", "PLAINTEXT://:9092", "INTERNAL://a:1,EXTERNAL://b:2", "t:1:1,u:2:1:compact", "a,b", "a;b", "x",
        "-1", "9" * 40,
        "-Djava.security.auth.login.config=/etc/x.conf", "SCRAM-SHA-256=[name=a,password=b]",
        "A:PLAINTEXT,B:SASL_SSL", "\N{SNOWMAN}",
    )  # fmt: skip
    for index, name in enumerate(_NAMES):
        for step in range(3):
            yield f"c\0{name}={values[(index + step * 5) % len(values)]}".encode()
        yield f"c\0{name}=".encode() + b"\xff\xfe"
    for environment in (
        "KAFKA_CLIENT_USERS=a,b\0KAFKA_CLIENT_PASSWORDS=x,y\0KAFKA_CFG_LISTENERS=SASL_PLAINTEXT://:9092",
        "KAFKA_ADVERTISED_HOST_NAME=h\0KAFKA_PORT=tcp://10.0.0.1:9092\0KAFKA_CREATE_TOPICS=a:1:1\0KAFKA_ADVERTISED_PORT=x",
        "KAFKA_ADVERTISED_LISTENERS=INTERNAL://k:1,EXTERNAL://h:2\0KAFKA_ZOOKEEPER_CONNECT=z:2181\0KAFKA_BROKER_ID=1",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=A:PLAINTEXT,B:PLAINTEXT\0KAFKA_INTER_BROKER_LISTENER_NAME=A",
        "KAFKA_CREATE_TOPICS=a:1:1\\nb:1:1\0KAFKA_CREATE_TOPICS_SEPARATOR=$'\\n'",
        "KAFKA_TLS_TYPE=PEM\0KAFKA_CFG_LISTENERS=SSL://:9093",
    ):
        yield b"c\0" + environment.encode()
        yield b"\0" + environment.encode()
