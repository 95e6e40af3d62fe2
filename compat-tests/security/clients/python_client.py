"""Runs cases with a Python client: `python_client.py kafka-python|confluent-kafka CASES`."""

import json
import ssl
import sys
import time
from pathlib import Path

COUNT = 100
VALUE = b"x" * 1000
TIMEOUT_S = 6


def kafka_python(case):
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition

    config = {"bootstrap_servers": case["bootstrap"], "security_protocol": case["protocol"]}
    if "SSL" in case["protocol"]:
        context = ssl.create_default_context(cafile=case["ca"])
        if case["certificate"]:
            context.load_cert_chain(case["certificate"], case["key"])
        if case["version"]:
            version = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}[case["version"]]
            context.minimum_version = context.maximum_version = version
        config |= {"ssl_context": context, "ssl_check_hostname": True}
    if case["mechanism"]:
        config |= {
            "sasl_mechanism": case["mechanism"],
            "sasl_plain_username": case["username"],
            "sasl_plain_password": case["password"],
        }
    if case["token"]:
        config |= {"sasl_oauth_token_provider": token_provider(case["token"])}
    limits = {"bootstrap_timeout_ms": TIMEOUT_S * 1000}
    try:
        producer = KafkaProducer(**config, **limits, max_block_ms=TIMEOUT_S * 1000)
    except AssertionError:
        producer = KafkaProducer(**config, max_block_ms=TIMEOUT_S * 1000)
    sent = [producer.send(case["topic"], VALUE, partition=0) for _ in range(COUNT)]
    first = sent[0].get(TIMEOUT_S).offset
    assert all(future.get(TIMEOUT_S).offset == first + at for at, future in enumerate(sent))
    for _ in range(10 * case["seconds"]):
        producer.send(case["topic"], VALUE, partition=0).get(TIMEOUT_S)
        time.sleep(0.1)
    producer.close()
    consumer = KafkaConsumer(**config)
    consumer.assign([TopicPartition(case["topic"], 0)])
    consumer.seek(TopicPartition(case["topic"], 0), first)
    got, deadline = 0, time.monotonic() + TIMEOUT_S
    while got < COUNT and time.monotonic() < deadline:
        got += sum(map(len, consumer.poll(500).values()))
    consumer.close()
    assert got >= COUNT, f"{got} records"


def token_provider(token):
    try:
        from kafka.net.sasl.oauth import AbstractTokenProvider
    except ImportError:  # before version 3
        from kafka.sasl.oauth import AbstractTokenProvider

    class Provider(AbstractTokenProvider):
        def __init__(self, **config):
            pass

        def token(self):
            return token

    return Provider()


def confluent_kafka(case):
    from confluent_kafka import Consumer, Producer, TopicPartition

    config = {
        "bootstrap.servers": case["bootstrap"],
        "security.protocol": case["protocol"],
        "message.timeout.ms": TIMEOUT_S * 1000,
    }
    if "SSL" in case["protocol"]:
        config |= {"ssl.ca.location": case["ca"]}
        if case["certificate"]:
            config |= {"ssl.certificate.location": case["certificate"], "ssl.key.location": case["key"]}
    if case["mechanism"]:
        config |= {
            "sasl.mechanism": case["mechanism"],
            "sasl.username": case["username"],
            "sasl.password": case["password"],
        }
    if case["token"]:
        config |= {"oauth_cb": lambda _: (case["token"], time.time() + 3600, case["username"], {})}
    offsets, errors = [], []

    def delivered(error, message):
        (errors if error else offsets).append(error or message.offset())

    producer = Producer({**config, "log_level": 0})
    for _ in range(COUNT):
        producer.produce(case["topic"], VALUE, partition=0, on_delivery=delivered)
    left = producer.flush(TIMEOUT_S + 2)
    for _ in range(10 * case["seconds"]):
        producer.produce(case["topic"], VALUE, partition=0, on_delivery=delivered)
        left += producer.flush(TIMEOUT_S)
        time.sleep(0.1)
    assert not errors, str(errors[0])
    assert not left, f"{left} not delivered"
    del config["message.timeout.ms"]
    consumer = Consumer({**config, "log_level": 0, "group.id": "unused"})
    consumer.assign([TopicPartition(case["topic"], 0, min(offsets))])
    got, deadline = 0, time.monotonic() + TIMEOUT_S
    while got < COUNT and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        got += message is not None and not message.error()
    consumer.close()
    assert got >= COUNT, f"{got} records"


def main():
    client = {"kafka-python": kafka_python, "confluent-kafka": confluent_kafka}[sys.argv[1]]
    cases = json.loads(Path(sys.argv[2]).read_text())
    for case in cases:
        if client is confluent_kafka and case["version"]:
            continue  # librdkafka has no setting for it
        try:
            client(case)
        except Exception as error:  # noqa: BLE001 - clients fail in many ways
            reason = " ".join(f"{type(error).__name__} {error}".split())
            print(f"FAIL {case['name']}: {reason}" if case["works"] else f"PASS {case['name']}", flush=True)
        else:
            print(f"PASS {case['name']}" if case["works"] else f"FAIL {case['name']}: it worked", flush=True)


main()
