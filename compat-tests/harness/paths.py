"""Where things are."""

from pathlib import Path

COMPAT = Path(__file__).resolve().parent.parent
REPOSITORY = COMPAT.parent
CACHE = COMPAT / ".cache"
"""Downloads, virtual environments and the last report: never committed, safe to delete."""
