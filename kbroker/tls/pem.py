"""PEM (RFC 7468), also on one line: settings of a file or the environment often lose their line breaks."""

import base64
import binascii
import re
from collections import deque

from attrs import frozen

_BEGIN = re.compile(r"-BEGIN\s+([A-Z0-9][A-Z0-9 ]*)-+\s")
_END = re.compile(r"-END\s+([A-Z0-9][A-Z0-9 ]*)(?=-)")
_LINE = 64


@frozen
class Block:
    """One block: what it is, and its text with line breaks where they must be."""

    label: str
    text: str

    @property
    def is_private_key(self) -> bool:
        """Whether it is a private key, encrypted or not."""
        return self.label.endswith("PRIVATE KEY")

    @property
    def is_encrypted(self) -> bool:
        """Whether it takes a password to read it."""
        return self.label.startswith("ENCRYPTED") or "Proc-Type" in self.text

    def der(self) -> bytes:
        """What a block without headers encodes. Raises ValueError."""
        try:
            return base64.b64decode("".join(self.text.splitlines()[1:-1]), validate=True)
        except binascii.Error as error:
            raise ValueError(f"{self.label} is not base64: {error}") from error


def blocks(text: str) -> list[Block]:
    """Every block of a text; what is between them is comment. Takes time in proportion to the text.

    A block ends at the first END of its label; a BEGIN without one is comment.
    """
    ends: dict[str, deque[re.Match[str]]] = {}
    for end in _END.finditer(text):
        ends.setdefault(end[1], deque()).append(end)
    found = []
    position = 0
    while (begin := _BEGIN.search(text, position)) is not None:
        label, position = begin[1], begin.end()
        left = ends.get(label) or deque()
        while left and left[0].start() < position:
            left.popleft()
        if left:
            found.append(Block(label, _text(label, text[position : left[0].start()].rstrip("-"))))
            position = left[0].end()
    return found


def encode(label: str, der: bytes) -> str:
    """A block of some DER."""
    return _text(label, base64.b64encode(der).decode())


def _text(label: str, body: str) -> str:
    if ":" in body:  # headers of the old format for encrypted keys, where line breaks matter
        lines = body.strip()
    else:
        packed = "".join(body.split())
        lines = "\n".join(packed[at : at + _LINE] for at in range(0, len(packed), _LINE))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
