import pytest

from kbroker.config.topic import TopicConfig
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.topics import Topic, TopicRegistry, check_topic_name


def topic(name: str, number: int = 1) -> Topic:
    return Topic(name, bytes([number] * 16), 1, {}, TopicConfig())


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "...", "a" * 249, "-", "__consumer_offsets"])
def test_legal_names(name: str) -> None:
    check_topic_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "é", "a\n", "a" * 250, "a\0"])
def test_illegal_names(name: str) -> None:
    with pytest.raises(KafkaError) as caught:
        check_topic_name(name)
    assert caught.value.code == ErrorCode.INVALID_TOPIC_EXCEPTION


def test_only_kafkas_own_topics_are_internal() -> None:
    assert topic("__consumer_offsets").internal
    assert topic("__transaction_state").internal
    assert not topic("__mine").internal


def test_found_by_name_and_by_id_until_removed() -> None:
    registry = TopicRegistry()
    first, second = topic("first", 1), topic("second", 2)
    registry.add(first)
    registry.add(second)
    assert registry.get("first") is first
    assert registry.by_id(second.topic_id) is second
    assert list(registry.all()) == [first, second]
    registry.remove(first)
    assert registry.get("first") is None
    assert registry.by_id(first.topic_id) is None
    assert list(registry.all()) == [second]


def test_an_existing_name_is_not_free() -> None:
    registry = TopicRegistry()
    registry.add(topic("taken"))
    with pytest.raises(KafkaError) as caught:
        registry.check_new("taken")
    assert caught.value.code == ErrorCode.TOPIC_ALREADY_EXISTS


@pytest.mark.parametrize(("existing", "new"), [("a.b", "a_b"), ("a_b", "a.b"), ("a_b.c", "a.b_c")])
def test_a_name_that_differs_in_dots_and_underscores_collides(existing: str, new: str) -> None:
    """Their metrics would have one name."""
    registry = TopicRegistry()
    registry.add(topic(existing))
    with pytest.raises(KafkaError) as caught:
        registry.check_new(new)
    assert caught.value.code == ErrorCode.INVALID_TOPIC_EXCEPTION
    registry.check_new("a-b")


def test_a_name_is_free_again_after_removal() -> None:
    registry = TopicRegistry()
    gone = topic("a.b")
    registry.add(gone)
    registry.remove(gone)
    registry.check_new("a.b")
    registry.check_new("a_b")


def test_removal_of_one_of_two_colliding_topics_keeps_the_other_in_the_way() -> None:
    """One request may create both, as in Apache Kafka."""
    registry = TopicRegistry()
    dot, underscore = topic("a.b", 1), topic("a_b", 2)
    registry.add(dot)
    registry.add(underscore)
    registry.remove(underscore)
    with pytest.raises(KafkaError):
        registry.check_new("a_b")
