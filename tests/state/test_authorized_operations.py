from kbroker.state.acls import AclOperation, AclResourceType
from kbroker.state.authorized_operations import ALL_BITS, bits


def test_what_apache_kafka_answers_without_an_authorizer() -> None:
    assert ALL_BITS == {
        AclResourceType.TOPIC: 3576,
        AclResourceType.CLUSTER: 8096,
        AclResourceType.GROUP: 3400,
    }


def test_one_bit_for_each_operation() -> None:
    assert bits([AclOperation.READ, AclOperation.WRITE]) == 0b11000
