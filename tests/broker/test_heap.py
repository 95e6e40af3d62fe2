import ctypes
import os
import platform

import pytest

from kbroker.broker.heap import WORTH_IT, Heap, give_back


def test_much_that_was_let_go_is_given_back_once() -> None:
    trims: list[None] = []
    heap = Heap(lambda: trims.append(None))
    for in_use in (0, 2 * WORTH_IT, WORTH_IT + 1):
        heap.tend(in_use)
    assert not trims
    heap.tend(WORTH_IT)
    assert not trims  # more may follow
    heap.tend(WORTH_IT)
    heap.tend(WORTH_IT)
    assert len(trims) == 1
    heap.tend(0)
    heap.tend(0)
    assert len(trims) == 2


def test_what_goes_up_and_down_a_little_is_left_alone() -> None:
    trims: list[None] = []
    heap = Heap(lambda: trims.append(None))
    for number in range(100):
        heap.tend(10 * WORTH_IT + number % 2 * (WORTH_IT - 1))
    assert not trims


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked")
def test_holes_in_the_heap_are_given_back() -> None:
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
    assert before - resident() > 40 << 20
    libc.free(last)


def resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
