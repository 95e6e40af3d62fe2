from kbroker.state.acls import AclOperation
from kbroker.state.authorized_operations import CLUSTER_OPERATIONS, TOPIC_OPERATIONS, bits


def test_what_apache_kafka_answers_without_an_authorizer() -> None:
    assert TOPIC_OPERATIONS == 3576
    assert CLUSTER_OPERATIONS == 8096


def test_one_bit_for_each_operation() -> None:
    assert bits(AclOperation.READ, AclOperation.WRITE) == 0b11000
