"""kbroker/state/groups: conversations in conversations/*.txt, each proving what its first line says."""

import os
from pathlib import Path
from typing import Protocol

import pytest


class Conversation(Protocol):
    """What conftest.py makes."""

    def replay(self, text: str) -> str: ...


CONVERSATIONS = sorted(Path(__file__).with_name("conversations").glob("*.txt"))


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_conversation(path: Path, conversation: Conversation) -> None:
    text = path.read_text()
    replayed = conversation.replay(text)
    if os.environ.get("REWRITE_CONVERSATIONS"):  # then read the diff with care
        path.write_text(replayed)
    else:
        assert replayed == text


def test_there_are_conversations() -> None:
    assert len(CONVERSATIONS) >= 10
