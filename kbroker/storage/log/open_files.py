"""A limit on how many segment files are open at once, and on how many parts of them that are being sent."""

import resource
from collections import OrderedDict
from typing import Protocol

from kbroker.storage.interfaces.file_region import OpenRegions


class Closeable(Protocol):
    """What is opened at need: it says whether it was used since last looked at, and can be closed."""

    recently_used: bool

    def close_file(self) -> None:
        """Close the file until the next use."""
        ...


def default_limit() -> int:
    """Half of the descriptors this process may have; sockets get the rest."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 65_536 if soft == resource.RLIM_INFINITY else max(16, soft // 2)


class OpenFiles:
    """Second-chance eviction: using an open file costs one attribute write; opening pays the search."""

    def __init__(self, limit: int | None = None) -> None:
        """At most `limit` open files; None is half of what the process may have."""
        self.limit = default_limit() if limit is None else limit
        self.regions = OpenRegions(self.limit // 4)
        self._open: OrderedDict[int, Closeable] = OrderedDict()

    def __len__(self) -> int:
        """How many files are open."""
        return len(self._open)

    def opened(self, file: Closeable) -> None:
        """Count a file just opened, closing another one if there are too many."""
        while len(self._open) >= self.limit:
            key, oldest = next(iter(self._open.items()))
            if oldest.recently_used:
                oldest.recently_used = False
                self._open.move_to_end(key)
            else:
                oldest.close_file()
        self._open[id(file)] = file

    def closed(self, file: Closeable) -> None:
        """Stop counting a file."""
        self._open.pop(id(file), None)

    def close_idle(self) -> None:
        """Close what was not used since the last call."""
        for file in list(self._open.values()):
            if file.recently_used:
                file.recently_used = False
            else:
                file.close_file()
