from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


def test_a_kafka_error_says_its_code_and_why() -> None:
    assert str(KafkaError(ErrorCode.INVALID_RECORD)) == "INVALID_RECORD (87)"
    assert str(KafkaError(ErrorCode.INVALID_RECORD, "no records")) == "INVALID_RECORD (87): no records"
    assert KafkaError(ErrorCode.INVALID_RECORD).message is None
