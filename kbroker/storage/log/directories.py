"""A broker's data directories, and which of them each partition is in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.storage.log.placement import Placement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kbroker.config.typed_values import TypedValues
    from kbroker.storage.interfaces.logs import LogDir
    from kbroker.storage.log.directory_logs import DirectoryLogs, Key
    from kbroker.storage.log.placement import DirectoryIds

_EVERY_DIRECTORY = "*"


class Directories:
    """One directory holds everything, and nothing is written down about that; several share the partitions."""

    def __init__(
        self,
        directories: Sequence[DirectoryLogs],
        offline: Sequence[str],
        directory_ids: DirectoryIds | None,
        settings: TypedValues,
    ) -> None:
        """Find out where partitions are, and finish what a crash interrupted. Raises OSError, KafkaError.

        `offline`: absolute paths of those that can't be used. `directory_ids` is needed when there are, or have
        been, several.
        """
        self._directories = directories
        self._offline = offline
        self._settings = settings
        self.unfinished: dict[Key, DirectoryLogs] = {}  # where partitions were moving when the broker ended
        self.placement: Placement | None = None
        several = len(directories) + len(offline) > 1
        if directory_ids is not None and (several or directory_ids.load()):
            self.placement = Placement(directory_ids)
            self._take_stock(self.placement)

    def __iter__(self) -> Iterator[DirectoryLogs]:
        """Those that could be opened at the start."""
        return iter(self._directories)

    def online(self) -> list[DirectoryLogs]:
        """Those that are of use."""
        return [each for each in self._directories if not each.offline]

    def all_online(self) -> bool:
        """Whether none is missing."""
        return not self._offline and not any(each.offline for each in self._directories)

    def at(self, path: str) -> DirectoryLogs:
        """The directory of that absolute path.

        Raises KafkaError LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR, INVALID_REPLICA_ASSIGNMENT when it is cordoned.
        """
        found = next((each for each in self._directories if each.path == path), None)
        if found is None and path not in self._offline:
            raise KafkaError(ErrorCode.LOG_DIR_NOT_FOUND)
        if found is None or found.offline:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"{path} is offline")
        if path in self._cordoned():
            raise KafkaError(ErrorCode.INVALID_REPLICA_ASSIGNMENT, f"{path} is cordoned")
        return found

    def home(self, key: Key) -> DirectoryLogs:
        """The directory of a partition. Raises KafkaError."""
        if self.placement is None:
            return self._directories[0]
        home = self.placement.home(key)
        if home is None:
            self.placement.place([key], self._open_to_new())
            home = self.placement.home(key)
        for directory in self._directories:
            if directory.directory_id == home:
                directory.check_online()
                return directory
        raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, "the partition's log directory is offline")

    def _open_to_new(self) -> list[bytes]:
        cordoned = self._cordoned()
        return [
            each.directory_id for each in self._directories if not each.offline and each.path not in cordoned
        ]

    def _cordoned(self) -> set[str]:
        named = self._settings.list("cordoned.log.dirs")
        if _EVERY_DIRECTORY in named:
            return {*self._offline, *(each.path for each in self._directories)}
        return {os.path.abspath(os.path.expanduser(path)) for path in named}

    def place(self, topic: str, indexes: Iterable[int]) -> None:
        """See `LogStore.place`."""
        if self.placement is not None:
            self.placement.place([(topic, index) for index in indexes], self._open_to_new())
        elif self._directories[0].path in self._cordoned():
            raise KafkaError(
                ErrorCode.INVALID_REPLICATION_FACTOR,
                "All brokers are currently fenced, or have all their log directories cordoned.",
            )

    def is_offline(self, topic: str, index: int) -> bool:
        """See `LogStore.is_offline`."""
        if self.placement is None:
            return False
        home = self.placement.home((topic, index))
        return home is not None and not any(
            each.directory_id == home and not each.offline for each in self._directories
        )

    def describe(self) -> list[LogDir]:
        """See `LogStore.log_dirs`."""
        from kbroker.storage.interfaces.logs import LogDir

        cordoned = self._cordoned()
        found = []
        for directory in self._directories:
            try:
                described = directory.describe()
            except KafkaError:
                described = LogDir(directory.path, directory.directory_id, online=False)
            described.cordoned = directory.path in cordoned
            found.append(described)
        return found + [LogDir(path, bytes(16), online=False) for path in self._offline]

    def _take_stock(self, placement: Placement) -> None:
        """Find out where partitions are, and finish what a crash interrupted. Raises OSError, KafkaError."""
        online = {each.directory_id: each for each in self._directories}
        found: dict[Key, bytes] = {}
        for directory in self._directories:
            for key, copy in directory.futures.items():
                if placement.home(key) == directory.directory_id and key not in directory.found:
                    # It was whole when the partition was said to be here.
                    directory.environment.files.rename(copy, directory.directory_of(key))
                    directory.found.add(key)
                else:
                    directory.environment.trash.add(copy)
                    self.unfinished[key] = directory
        for directory in self._directories:
            for key in directory.found:
                home = online.get(placement.home(key) or b"")
                if home is None and (placement.home(key) is None or not self._offline):
                    found.setdefault(key, directory.directory_id)
                elif home is not None and home is not directory:
                    if key in home.found:
                        directory.remove_directory(key)  # it had moved
                    else:
                        found[key] = directory.directory_id  # by hand, while nothing ran
        placement.assign(found)
