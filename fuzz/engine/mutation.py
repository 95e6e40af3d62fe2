"""Inputs out of inputs: bits flipped, numbers at their bounds, parts cut, doubled, moved, and put together."""

import random
from collections.abc import Callable, Sequence
from itertools import chain

LONGEST = 16 * 1024
_MOST_STEPS = 4
_NUMBERS = sorted(
    {
        (sign * 2**power + step) & (2**64 - 1)
        for power in (0, 3, 7, 8, 14, 15, 16, 21, 28, 31, 32, 62, 63)
        for sign in (1, -1)
        for step in (-1, 0, 1)
    }
)
_WORDS = (
    b"\0", b"\xff", b"\xff\xff\xff\xff", b"\x80\x80\x80\x80\x10", b"\xed\xa0\x80", b"\xc3", b"\\ud800", b"%s",
    b"../", b"*",
    b"=", b",", b":", b";", b"\"", b"\n", b"\\", b"{", b"[" * 64, b"9" * 64, b"1e999", b"-1", b"$1", b"(", b"a" * 300,
)  # fmt: skip

Step = Callable[[random.Random, bytearray, Sequence[bytes]], None]


def mutated(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Another input, one to four steps away; parts of `others` may get into it."""
    out = bytearray(data)
    for _ in range(1 + int(rng.random() ** 2 * _MOST_STEPS)):
        rng.choice(_STEPS)(rng, out, others)
    return bytes(out[:LONGEST])


def _flip(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    if out:
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)


def _byte(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    if out:
        out[rng.randrange(len(out))] = rng.randrange(256)


def _number(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    size = rng.choice((1, 2, 4, 8))
    if len(out) >= size:
        at = rng.randrange(len(out) - size + 1)
        number = rng.choice(_NUMBERS) & ((1 << 8 * size) - 1)
        out[at : at + size] = number.to_bytes(size, rng.choice(("big", "big", "little")))


def _add(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    if out:
        at = rng.randrange(len(out))
        out[at] = (out[at] + rng.choice((-2, -1, 1, 2))) & 0xFF


def _cut(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    at = rng.randrange(len(out) + 1)
    del out[at : at + rng.choice((1, 1, 2, 4, 8, 64, LONGEST))]


def _insert(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    at = rng.randrange(len(out) + 1)
    out[at:at] = rng.randbytes(rng.choice((1, 1, 2, 4, 8, 64)))


def _word(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    at = rng.randrange(len(out) + 1)
    word = rng.choice(_WORDS)
    out[at : at + rng.choice((0, len(word)))] = word


def _double(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    at = rng.randrange(len(out) + 1)
    part = out[at : at + rng.choice((1, 4, 16, 64, 256))]
    out[at:at] = part * rng.choice((1, 1, 1, 2, 30))


def _move(rng: random.Random, out: bytearray, _: Sequence[bytes]) -> None:
    at = rng.randrange(len(out) + 1)
    size = rng.choice((1, 4, 16, 64))
    part = out[at : at + size]
    del out[at : at + size]
    to = rng.randrange(len(out) + 1)
    out[to:to] = part


def _splice(rng: random.Random, out: bytearray, others: Sequence[bytes]) -> None:
    if others:
        other = rng.choice(others)
        begin = rng.randrange(len(other) + 1)
        part = other[begin : begin + rng.choice((4, 16, 64, LONGEST))]
        at = rng.randrange(len(out) + 1)
        out[at : at + rng.choice((0, len(part)))] = part


# What changes little is tried more often.
_STEPS: Sequence[Step] = [
    *chain.from_iterable([step] * 3 for step in (_flip, _byte, _number, _add)),
    _cut, _insert, _word, _double, _move, _splice,
]  # fmt: skip
