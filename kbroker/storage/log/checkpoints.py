"""Kafka's small text files.

An offset for each partition, and the id of the topic that a directory belongs to.
"""

import base64
import logging
from collections.abc import Mapping
from pathlib import Path

from kbroker.storage.log.file_system import FileSystem, replace_file

_logger = logging.getLogger(__name__)

RECOVERY_POINTS = "recovery-point-offset-checkpoint"
LOG_START_OFFSETS = "log-start-offset-checkpoint"
CLEANER_OFFSETS = "cleaner-offset-checkpoint"
PARTITION_METADATA = "partition.metadata"
_VERSION = "0"
_FIELDS = 3


def read_offsets(path: str) -> dict[tuple[str, int], int]:
    """Offset by topic and partition. A missing or damaged file counts as empty: all kinds are hints."""
    try:
        version, count, *lines = Path(path).read_text(encoding="utf-8").splitlines()
        rows = [line.split() for line in lines]
        if version.strip() != _VERSION or len(rows) != int(count) or any(len(row) != _FIELDS for row in rows):
            raise ValueError
        return {(topic, int(partition)): int(offset) for topic, partition, offset in rows}
    except FileNotFoundError:
        return {}
    except ValueError:
        _logger.warning("%s: damaged, and taken for empty", path)
        return {}


def write_offsets(
    files: FileSystem, path: str, offsets: Mapping[tuple[str, int], int], *, durable: bool = True
) -> None:
    """Replace the file. Raises OSError."""
    lines = [_VERSION, str(len(offsets))]
    lines.extend(f"{topic} {partition} {offset}" for (topic, partition), offset in offsets.items())
    replace_file(files, path, ("\n".join(lines) + "\n").encode(), durable=durable)


def read_topic_id(directory: str) -> bytes | None:
    """The topic id a partition's directory carries; None when it carries none that can be read."""
    try:
        version, topic_id = Path(directory, PARTITION_METADATA).read_text(encoding="utf-8").split("\n")[:2]
        if version.split(":")[1].strip() != _VERSION:
            return None
        decoded = base64.urlsafe_b64decode(topic_id.split(":")[1].strip() + "==")
        return decoded if len(decoded) == 16 else None  # noqa: PLR2004 - bytes of a UUID
    except (FileNotFoundError, ValueError, IndexError):
        return None


def write_topic_id(files: FileSystem, directory: str, topic_id: bytes) -> None:
    """Mark a partition's directory as the topic's. Raises OSError."""
    encoded = base64.urlsafe_b64encode(topic_id).decode().rstrip("=")
    content = f"version: {_VERSION}\ntopic_id: {encoded}"
    replace_file(files, f"{directory}/{PARTITION_METADATA}", content.encode(), durable=False)
