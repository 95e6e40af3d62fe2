"""Looking a test up by the name that a list gives it."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def source_of(path: str, name: str) -> str:
    """Source of a test function, or class of tests, with its decorators; fails if there is none."""
    source = (TESTS / path).read_text()
    (found,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
    ]
    first = min(node.lineno for node in (found, *found.decorator_list))
    return "\n".join(source.splitlines()[first - 1 : found.end_lineno])
