"""kbroker/broker/pattern_matcher.py"""

import pytest
import trio

from kbroker.broker import pattern_matcher as module
from kbroker.broker.pattern_matcher import PatternMatcher, cannot_backtrack
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("tx-.*", [True, True, False]),
        ("(tx|app)-[0-9]+", [True, False, True]),
        (r"\Qtx-1\E", [True, False, False]),
        ("", [False, False, False]),
    ],
)
async def test_texts_are_matched_as_a_whole(pattern: str, expected: list[bool]) -> None:
    assert await PatternMatcher().matches(pattern, ["tx-1", "tx-two", "app-22"]) == expected


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", "a*a*a*a*a*a*a*a*a*a*a*a*b", "a?" * 40 + "a" * 40 + "b"]
)
async def test_what_backtracks_for_ever_is_given_up_while_others_go_on(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 0.3)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await trio.sleep(0.01)
            turns += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(others)
        with pytest.raises(KafkaError) as caught, trio.fail_after(10):
            await PatternMatcher().matches(pattern, ["a" * 200])
        nursery.cancel_scope.cancel()
    assert caught.value.code is ErrorCode.INVALID_REGULAR_EXPRESSION
    assert turns >= 5


@pytest.mark.parametrize("pattern", ["(", "[", "a**", "(" * 5000 + ")" * 5000, "a{99999999999}", "(?=a)"])
async def test_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(KafkaError) as caught:
        await PatternMatcher().matches(pattern, ["a"])
    assert caught.value.code is ErrorCode.INVALID_REGULAR_EXPRESSION


async def test_no_other_process_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "executable", "/nowhere/python")
    with pytest.raises(KafkaError) as caught:
        await PatternMatcher().matches("(a|b)+", ["a"])
    assert caught.value.code is ErrorCode.COORDINATOR_NOT_AVAILABLE


@pytest.mark.parametrize("pattern", ["tx", "tx-.*", "[a-z]+", "a{2,5}b"])
def test_simple_patterns_need_no_other_process(pattern: str) -> None:
    assert cannot_backtrack(pattern)


@pytest.mark.parametrize("pattern", ["a|b", ".*a.*", "(a)+", "(a", "x" * 1000])
def test_all_others_do(pattern: str) -> None:
    assert not cannot_backtrack(pattern)
