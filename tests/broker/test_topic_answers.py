"""kbroker/broker/topic_answers.py"""

from attrs import define

from kbroker.broker.topic_answers import merged


@define
class Answer:
    name: str
    partitions: list[int]


def name_of(answer: Answer) -> str:
    return answer.name


def test_each_topic_has_one_entry() -> None:
    first = [Answer("a", [1]), Answer("b", [2])]
    second = [Answer("c", [3]), Answer("a", [4]), Answer("c", [5])]
    assert merged(first, second, name_of) == [Answer("a", [1, 4]), Answer("b", [2]), Answer("c", [3, 5])]


def test_with_nothing_to_merge_a_topic_may_be_there_twice() -> None:
    twice = [Answer("a", [1]), Answer("a", [2])]
    assert merged([], twice, name_of) == twice
