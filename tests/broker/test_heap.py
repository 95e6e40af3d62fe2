import platform
import subprocess
import sys

import pytest

from kbroker.broker import heap as heap_module
from kbroker.broker.heap import NOT_AGAIN_S, WORTH_IT, Heap, give_back


def test_much_that_was_let_go_is_given_back_once() -> None:
    trims: list[None] = []
    heap = Heap(lambda: trims.append(None))
    for in_use in (0, 2 * WORTH_IT, WORTH_IT + 1):
        heap.tend(in_use, 0)
    assert not trims
    heap.tend(WORTH_IT, 1)
    assert not trims  # more may follow
    heap.tend(WORTH_IT, 2)
    heap.tend(WORTH_IT, 3)
    assert len(trims) == 1
    heap.tend(0, 20)
    heap.tend(0, 21)
    assert len(trims) == 2


def test_a_load_that_comes_and_goes_has_memory_given_back_now_and_then() -> None:
    trims: list[float] = []
    heap = Heap(lambda: trims.append(now))
    for number in range(40):
        now = number / 2
        heap.tend(number // 2 % 2 * WORTH_IT, now)
    assert len(trims) == 2
    assert trims[1] - trims[0] >= NOT_AGAIN_S


def test_what_goes_up_and_down_a_little_is_left_alone() -> None:
    trims: list[None] = []
    heap = Heap(lambda: trims.append(None))
    for number in range(100):
        heap.tend(10 * WORTH_IT + number % 2 * (WORTH_IT - 1), number * NOT_AGAIN_S)
    assert not trims


@pytest.mark.parametrize("error", [ImportError("_ctypes"), OSError("static"), AttributeError("malloc_trim")])
def test_where_memory_cannot_be_given_back_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class NoCtypes:
        def __getattr__(self, name: str) -> object:
            raise error

    monkeypatch.setitem(sys.modules, "ctypes", NoCtypes())
    heap_module._malloc_trim.cache_clear()
    try:
        assert not give_back()
    finally:
        heap_module._malloc_trim.cache_clear()


# In a process of its own: what else is in the heap, and what is free in it, is known.
HOLES = """
import ctypes, os
from kbroker.broker.heap import give_back

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
blocks = [libc.malloc(20_000) for _ in range(3_000)]
for block in blocks:
    ctypes.memset(block, 1, 20_000)
last = libc.malloc(20_000)
for block in blocks:
    libc.free(block)
before = resident()
assert give_back()
assert before - resident() > 30 << 20
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked")
def test_holes_in_the_heap_are_given_back() -> None:
    subprocess.run([sys.executable, "-c", HOLES], check=True)
