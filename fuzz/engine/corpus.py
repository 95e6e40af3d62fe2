"""Inputs that are kept: a directory of small files for each target, named after what is in them."""

import hashlib
from pathlib import Path

DIRECTORY = Path(__file__).parent.parent / "corpus"


def kept(target: str) -> list[bytes]:
    """The inputs of a target, in the order of their names."""
    directory = DIRECTORY / target
    return [path.read_bytes() for path in sorted(directory.iterdir())] if directory.is_dir() else []


def keep(directory: Path, data: bytes) -> Path:
    """Write one input. Returns where it is."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / hashlib.sha256(data).hexdigest()[:16]
    path.write_bytes(data)
    return path
