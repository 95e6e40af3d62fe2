"""Finding the rows: a row is a module in rows/."""

import importlib
import pkgutil
from types import ModuleType

import rows

ORDER = ("start", "idle_memory", "produce", "consume", "latency", "small_requests")
"""Those that matter most come first; the others follow by name."""


def all_rows() -> dict[str, ModuleType]:
    """Every row by its module's name."""
    names = sorted(each.name for each in pkgutil.iter_modules(rows.__path__))
    names.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return {name: importlib.import_module(f"rows.{name}") for name in names}
