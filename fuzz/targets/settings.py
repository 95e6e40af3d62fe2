"""Settings changed while the broker runs: what a client may set on topics, brokers, groups and subscriptions."""

from collections.abc import Iterator
from functools import cache

from fixtures import outcome
from fixtures.settings import tell

from kbroker.config.broker_config import BrokerConfig
from kbroker.config.client_metrics import check_client_metrics, describe_client_metrics
from kbroker.config.definitions import BROKER_CONFIGS
from kbroker.config.definitions.topic import TOPIC_CONFIGS
from kbroker.config.java_patterns import is_java_pattern
from kbroker.config.thread_counts import check_thread_counts
from kbroker.protocol.errors import KafkaError
from kbroker.state.config_changes import ConfigChange, apply_changes

_TOPIC, _CLUSTER, _BROKER, _GROUP, _METRICS, _PATTERN = range(6)


@cache
def _config() -> BrokerConfig:
    return BrokerConfig.of({"node.id": "1"})


def check(data: bytes) -> None:
    """A change is refused with a KafkaError, or what is set then can be used and described."""
    kind, operation = (data[:2] + b"\0\0")[:2]
    name, _, value = data[2:].decode("utf-8", "replace").partition("=")
    kind %= 6
    config = _config()
    try:
        change = ConfigChange(name, operation % 5, value)
        configs = apply_changes({name: "a"} if operation & 32 else {}, [change], lambda _: "a,b")
        match kind:
            case 0:
                config.topic_config(configs)
                tell(config.describe_topic(configs))
            case 1 | 2:
                resource = "1" if kind == _BROKER else ""
                config.check_dynamic(resource, configs)
                check_thread_counts(config, configs)
                changed = config.with_dynamic(resource, configs)
                changed.topic_config({})
                tell([one for name in configs if (one := changed.describe(name))])
            case 3:
                config.check_group("g", configs)
                tell(config.describe_group(configs))
            case 4:
                check_client_metrics("m", configs)
                tell(describe_client_metrics(configs))
            case _:
                outcome.note(is_java_pattern(value))
    except KafkaError as error:
        outcome.note(kind, error.code, (error.message or "")[:16])
    else:
        outcome.note(kind, name[:30])


def seeds() -> Iterator[bytes]:
    """Every setting on every kind of resource."""
    values = (
        "1",
        "-1",
        "",
        "a,b",
        "true",
        "NaN",
        "1e999",
        "9" * 30,
        "*",
        "0:1",
        "by_duration:P1D",
        "DEBUG",
        "x" * 200,
        "0.5",
    )
    for index, name in enumerate(sorted({*BROKER_CONFIGS, *TOPIC_CONFIGS})):
        for kind in (_TOPIC, _CLUSTER, _BROKER):
            yield bytes((kind, index % 8)) + f"{name}={values[(index + kind * 5) % len(values)]}".encode()
    for kind, texts in (
        (
            _GROUP,
            (
                "consumer.session.timeout.ms=45000",
                "share.auto.offset.reset=by_duration:PT1S",
                "x=1",
                "streams.num.standby.replicas=1",
            ),
        ),
        (_METRICS, ("metrics=a,b", "interval.ms=100", "match=client_id=a.*,client_software_name=(", "x=1")),
        (
            _PATTERN,
            (
                "x=(?i)a",
                "x=\\Qa",
                "x=\\p{L}+",
                "x=a{2,1}",
                "x=(?<n>a)\\k<n>",
                "x=[[",
                "x=\\x{110000}",
                "x=" + "(" * 200,
            ),
        ),
        (
            _BROKER,
            (
                "listener.name.x.max.connections=1",
                "log.cleaner.threads=2",
                "listener.name.x.ssl.keystore.location=\0",
            ),
        ),
    ):
        for text in texts:
            yield bytes((kind, 0)) + text.encode()
