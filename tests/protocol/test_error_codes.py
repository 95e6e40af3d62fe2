from kafka import errors as kafka_python

from kbroker.protocol.error_codes import RETRIABLE, ErrorCode

NAMED_OTHERWISE = {6, 10, 17, 39}  # names that Kafka has given up since, or that kafka-python made up


def test_numbers_have_no_gaps() -> None:
    assert [code.value for code in ErrorCode] == list(range(-1, 134))


def test_members_are_ints() -> None:
    assert ErrorCode.NONE == 0
    assert ErrorCode(3) is ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_names_are_those_of_kafka_python() -> None:
    """An independent list, of the codes it has."""
    theirs = {
        error.errno: error.message
        for error in vars(kafka_python).values()
        if isinstance(error, type)
        and issubclass(error, kafka_python.BrokerResponseError)
        and isinstance(error.errno, int)
        and error.errno > 0
    }
    assert len(theirs) > 80
    ours = {code.value: code.name for code in ErrorCode}
    assert {number for number, name in theirs.items() if ours[number] != name} == NAMED_OTHERWISE


def test_retriable() -> None:
    assert ErrorCode.NOT_LEADER_OR_FOLLOWER in RETRIABLE
    assert ErrorCode.INVALID_RECORD not in RETRIABLE
