import traceback

import pytest

from kbroker.protocol.generated import GeneratedFunction, indented


def test_lines_and_bound_values_become_a_function() -> None:
    source = GeneratedFunction(3, flexible=True, names={})
    add = source.bind("add", lambda a, b: a + b)
    source.emit("if left < 0:", *indented(["left = 0"]), f"return {add}(left, right)")
    assert source.define("total", "left, right", "a sum")(-5, 2) == 2


def test_bound_values_do_not_share_names() -> None:
    source = GeneratedFunction(0, flexible=False, names={"_read0": "taken"})
    assert len({source.bind("read", 1), source.bind("read", 2), "_read0"}) == 3


def test_a_function_without_lines_does_nothing() -> None:
    assert GeneratedFunction(0, flexible=False, names={}).define("nothing", "", "nothing")() is None


def test_a_traceback_shows_the_generated_line() -> None:
    source = GeneratedFunction(0, flexible=False, names={})
    source.emit("return 1 / zero")
    with pytest.raises(ZeroDivisionError) as raised:
        source.define("divide", "zero", "a division")(0)
    assert "return 1 / zero" in "".join(traceback.format_exception(raised.value))
