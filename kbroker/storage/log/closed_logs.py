"""What the names, sizes and times of a partition's files tell about a log that nobody has opened."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from kbroker.storage.log.segment_names import LOG_SUFFIX, NAME_DIGITS

if TYPE_CHECKING:
    from kbroker.config.topic import TopicConfig


class SegmentFile(NamedTuple):
    """A `.log` file: first offset, bytes, and when it was last written (ms since the epoch)."""

    base_offset: int
    size: int
    modified_ms: int


def segment_files(directory: str) -> list[SegmentFile]:
    """The segments in a directory, oldest first; none if there is no such directory. Raises OSError."""
    found = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(LOG_SUFFIX) and len(entry.name) == NAME_DIGITS + len(LOG_SUFFIX):
                    status = entry.stat()
                    base_offset = int(entry.name[:NAME_DIGITS])
                    found.append(SegmentFile(base_offset, status.st_size, status.st_mtime_ns // 1_000_000))
    except FileNotFoundError:
        return []
    return sorted(found)


def retention_due(files: list[SegmentFile], config: TopicConfig, now_ms: int) -> bool:
    """Whether retention would delete the oldest segment, if its records are as old as its file.

    Older ones go when the file is old enough, or when somebody opens the log.
    """
    if not files or not files[0].size or "delete" not in config.cleanup_policy:
        return False
    oldest = files[0]
    if config.retention_ms >= 0 and now_ms - oldest.modified_ms > config.retention_ms:
        return True
    if config.retention_bytes < 0:
        return False
    excess = sum(file.size for file in files) - config.retention_bytes
    return excess >= oldest.size


def compaction_possible(files: list[SegmentFile], config: TopicConfig, compacted_to: int) -> bool:
    """Whether there are complete segments that have not been compacted."""
    return "compact" in config.cleanup_policy and len(files) > 1 and files[-1].base_offset > compacted_to
