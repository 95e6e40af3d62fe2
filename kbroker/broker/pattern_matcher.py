"""Clients' regular expressions of RE2's kind, matched in bounded time.

RE2 never backtracks, Python's `re` may do so for ever, and nothing can stop it. So what might backtrack is matched by
another process, which is given a second.
"""

import marshal
import re
import sys
from collections.abc import Sequence
from subprocess import DEVNULL
from typing import Final

import trio
from attrs import Factory, define

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.re2 import from_re2

LIMIT_S: Final = 1.0
_REPEATS: Final = "*+?{"
_MATCH: Final = """
import marshal, re, sys
pattern, texts = marshal.load(sys.stdin.buffer)
try:
    matches = re.compile(pattern).fullmatch
except Exception:
    found = None
else:
    found = [matches(text) is not None for text in texts]
marshal.dump(found, sys.stdout.buffer)
"""


@define
class PatternMatcher:
    """Matches for one client after the other, so that there is one more process at most."""

    _turn: trio.CapacityLimiter = Factory(lambda: trio.CapacityLimiter(1))

    async def matches(self, pattern: str, texts: Sequence[str]) -> list[bool]:
        """Which of `texts` the pattern matches as a whole.

        Raises KafkaError: INVALID_REGULAR_EXPRESSION for what is none, or takes too long;
        COORDINATOR_NOT_AVAILABLE when there can be no other process.
        """
        try:
            translated = from_re2(pattern)
            if cannot_backtrack(translated):
                compiled = re.compile(translated)
                return [compiled.fullmatch(text) is not None for text in texts]
        except (re.error, OverflowError) as error:
            raise KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION, str(error)) from None
        async with self._turn:
            return await _by_another_process(translated, texts)


def cannot_backtrack(pattern: str) -> bool:
    """Whether matching takes one look at each character, as is easy to see of most patterns that people write."""
    repeats = sum(map(pattern.count, _REPEATS))
    if "|" in pattern or "(" in pattern or repeats > 1:
        return False
    return len(pattern) < 1000  # noqa: PLR2004  longer ones take long to compile


async def _by_another_process(pattern: str, texts: Sequence[str]) -> list[bool]:
    with trio.move_on_after(LIMIT_S):
        try:
            process = await trio.run_process(
                [sys.executable, "-I", "-S", "-c", _MATCH],
                stdin=marshal.dumps((pattern, list(texts))),
                capture_stdout=True,
                check=False,
                stderr=DEVNULL,
            )
        except OSError as error:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE, str(error)) from error
        if process.returncode == 0:
            found: list[bool] | None = marshal.loads(process.stdout)  # noqa: S302  ours
            if found is not None:
                return found
    raise KafkaError(ErrorCode.INVALID_REGULAR_EXPRESSION)
