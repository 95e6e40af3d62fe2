"""The operators: what small mistakes can be made in a source, each as an edit.

Left out is what changes nothing that a test could see: docstrings, annotations, decorators, logging, `__repr__`, texts
of errors, and `strict=` of `zip`.
"""

from __future__ import annotations

import ast
import copy
import re
from itertools import accumulate
from typing import TYPE_CHECKING

from making.mutant import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_NEGATABLE = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)  # by what `comparison` does
_LOGGERS = {"log", "_logger", "_limited_log", "logging"}
_UNSEEN = {"__repr__", "__str__"}
_UNSEEN_KEYWORDS = {"strict"}
_TEXT = (ast.JoinedStr, ast.List, ast.Tuple)
_NAME_OF_TEXT = re.compile("suffix|path|directory|^name$", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef | None


def edits_of(source: bytes) -> list[Edit]:
    """All edits of a module, in the order of the source."""
    found = _Finder(source).edits(ast.parse(source), None)
    return sorted(found, key=lambda edit: (edit.start, edit.operator))


def place_of(source: bytes, edit: Edit) -> str:
    """The line and the column in which an edit begins, from 1."""
    lines = source[: edit.start].split(b"\n")
    return f"{len(lines)}:{len(lines[-1]) + 1}"


class _Finder:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self._lines = [0, *accumulate(len(line) for line in source.splitlines(keepends=True))]

    def edits(self, node: ast.AST, function: Function) -> Iterator[Edit]:
        """The edits of a node and of what is in it."""
        if _is_unseen(node):
            return
        if isinstance(node, ast.expr):
            for operator, text in _expression(node):
                yield self._edit(operator, node, text)
        elif isinstance(node, ast.stmt):
            yield from self._statement(node, function)
        for test in _tests(node):
            if _needs_negation(test):
                yield self._edit("condition", test, f"(not ({self._text(test)}))")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            function = node
        for child in _children(node):
            yield from self.edits(child, function)

    def _statement(self, node: ast.stmt, function: Function) -> Iterator[Edit]:
        if _is_removable(node):
            yield self._edit("statement", node, "pass")
        elif isinstance(node, ast.Break | ast.Continue):
            yield self._edit("loop", node, "continue" if isinstance(node, ast.Break) else "break")
        elif isinstance(node, ast.Return) and node.value is not None and function is not None:
            text = self._text(node.value)
            for returned in _returned_instead(node.value, text, function):
                yield self._edit("return", node.value, returned)

    def _edit(self, operator: str, node: ast.expr | ast.stmt, after: str) -> Edit:
        return Edit(operator, self._start(node), self._text(node), after)

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _text(self, node: ast.expr | ast.stmt) -> str:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        end = self._lines[node.end_lineno - 1] + node.end_col_offset
        return self._source[self._start(node) : end].decode()


def _is_unseen(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name in _UNSEEN
    if isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        return isinstance(call, ast.Constant) or (isinstance(call, ast.Call) and _is_logging(call))
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    if isinstance(node, ast.keyword):
        return node.arg in _UNSEEN_KEYWORDS
    if isinstance(node, ast.Assign):
        return isinstance(node.value, ast.Call) and _is_logging(node.value)
    return isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom)


def _is_logging(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return name in _LOGGERS


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        if isinstance(node, ast.Raise):  # which error it is, is wrong by the removal
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child


def _tests(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        return [node.test]
    return node.ifs if isinstance(node, ast.comprehension) else []


def _needs_negation(test: ast.expr) -> bool:
    """Other operators negate what is compared for equality, a `not`, and a constant."""
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return not isinstance(test.ops[0], _NEGATABLE)
    return not isinstance(test, ast.UnaryOp | ast.Constant)


def _expression(node: ast.expr) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[index] = _COMPARISONS[type(operator)]()
            yield "comparison", _unparsed(changed)
    elif isinstance(node, ast.BoolOp):
        swapped = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield "and_or", _unparsed(ast.BoolOp(swapped, node.values))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not", _unparsed(node.operand)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and not _is_text(node):
        opposite = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield "arithmetic", _unparsed(ast.BinOp(node.left, opposite, node.right))
        if not any(isinstance(part, ast.Constant) for part in ast.walk(node)):
            yield "off_by_one", f"({ast.unparse(node)} + 1)"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int):
        yield "constant", str(not node.value if isinstance(node.value, bool) else node.value + 1)


def _is_text(node: ast.BinOp) -> bool:
    """Whether it puts texts or lists together, as far as can be seen: any test would meet the TypeError."""
    return any(
        isinstance(part, _TEXT)
        or (isinstance(part, ast.Constant) and isinstance(part.value, str | bytes))
        or (isinstance(part, ast.Name) and _NAME_OF_TEXT.search(part.id))
        or (isinstance(part, ast.Attribute) and _NAME_OF_TEXT.search(part.attr))
        for part in ast.walk(node)
    )


def _unparsed(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"


def _is_removable(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):  # without a local's assignment the function couldn't run
        return any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets)
    if isinstance(node, ast.Expr):
        value = node.value.value if isinstance(node.value, ast.Await) else node.value
        return isinstance(value, ast.Call)
    return isinstance(node, ast.AugAssign | ast.Raise | ast.Delete)


def _returned_instead(
    value: ast.expr, text: str, function: ast.FunctionDef | ast.AsyncFunctionDef
) -> list[str]:
    """What a function of this annotation could return by mistake."""
    if function.returns is None or isinstance(value, ast.Constant):
        return []
    annotation = ast.unparse(function.returns)
    if annotation == "int":
        return [f"(({text}) + 1)"]
    if annotation == "bool":
        return [f"(not ({text}))"]
    return ["None"] if annotation.endswith("| None") else []
