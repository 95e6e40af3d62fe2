"""A broker's data directory: whose it is, which format it has, and that nobody else is using it.

Beside kbroker's own format file it looks as Apache Kafka's does: `meta.properties` names node and cluster,
`.lock` is held while a broker runs, and `.kafka_cleanshutdown` is there after a clean stop only.
"""

import base64
import fcntl
import os
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from kbroker.storage.log.errors import StorageError, UnusableDirectoryError
from kbroker.storage.log.file_system import FileSystem, replace_file

FORMAT_VERSION = 1
FORMAT_FILE = "kbroker.format"
META_PROPERTIES = "meta.properties"
LOCK = ".lock"
CLEAN_SHUTDOWN = ".kafka_cleanshutdown"
_NO_BROKER_EPOCH = b'{"version":0,"brokerEpoch":-1}'

Migration = Callable[[Path], None]
# What brings a directory of that format version to the next one. Version 1 is the first there is.
MIGRATIONS: Mapping[int, Migration] = {}


class DataDir:
    """An opened data directory. The lock is held until `close`, or until the process ends."""

    def __init__(self, path: str | Path, files: FileSystem | None = None) -> None:
        """Create the directory if needed, and lock it. Raises StorageError."""
        self.path = Path(path)
        self._files = files or FileSystem()
        self.directory_id = bytes(16)  # known once identified (KIP-858)
        try:
            self._make()
            self._lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            raise UnusableDirectoryError(f"data directory {self.path} is a file") from None
        except OSError as error:
            raise UnusableDirectoryError(
                f"data directory {self.path} cannot be written: {error.strerror}"
            ) from error
        try:
            self._hold()
            self._migrate()
            self.clean = self._take_clean_marker()
        except OSError as error:
            os.close(self._lock)
            raise UnusableDirectoryError(
                f"data directory {self.path} cannot be used: {error.strerror}"
            ) from error
        except BaseException:
            os.close(self._lock)
            raise

    def _make(self) -> None:
        """Make the directory if it is missing, so that it stays: what is synced in it later counts on that."""
        missing = [each for each in (self.path, *self.path.parents) if not each.exists()]
        self.path.mkdir(parents=True, exist_ok=True)
        for each in missing:
            with suppress(PermissionError):  # one may make a directory in what one may not read
                self._files.sync_directory(str(each.parent))

    def _hold(self) -> None:
        # Apache Kafka's lock is of the other kind, which Linux keeps apart; take both, to keep out both.
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            raise StorageError(
                f"data directory {self.path} is in use by another broker: stop that one, or choose another"
            ) from None

    def _migrate(self) -> None:
        file = self.path / FORMAT_FILE
        try:
            text = file.read_text(encoding="ascii").strip()
            version = int(text)
        except FileNotFoundError:
            version = FORMAT_VERSION  # new, or written by Apache Kafka, whose format this is
            replace_file(self._files, str(file), b"%d\n" % version)
        except ValueError:
            raise StorageError(f"{file} does not hold a format version") from None
        if version > FORMAT_VERSION:
            raise StorageError(
                f"data directory {self.path} has format version {version}, written by a newer kbroker; "
                f"this one knows versions up to {FORMAT_VERSION}"
            )
        while version < FORMAT_VERSION:
            migration = MIGRATIONS.get(version)
            if migration is None:
                raise StorageError(
                    f"data directory {self.path} has format version {version}, which is unknown"
                )
            migration(self.path)
            version += 1
            replace_file(self._files, str(file), b"%d\n" % version)

    def _take_clean_marker(self) -> bool:
        """Was the last stop a clean one? The marker goes, for good, so that a crash from now on is seen as one."""
        try:
            self._files.unlink(str(self.path / CLEAN_SHUTDOWN))
        except FileNotFoundError:
            return False
        self._files.sync_directory(str(self.path))
        return True

    def known_cluster_id(self) -> str | None:
        """The cluster it belongs to, if that is known. Raises StorageError."""
        return self._read_properties().get("cluster.id")

    def identify(self, node_id: int, cluster_id: str | None = None) -> str:
        """Claim the directory for a node; returns the cluster id, which is made up for a new directory.

        Raises StorageError when the directory is another node's or another cluster's, or has an id that is none.
        """
        properties = self._read_properties()
        known_node = properties.get("node.id", properties.get("broker.id"))
        if known_node is not None and known_node != str(node_id):
            raise StorageError(
                f"data directory {self.path} belongs to node.id {known_node}, and this broker's is {node_id}"
            )
        known_cluster = properties.get("cluster.id")
        if cluster_id is not None and known_cluster not in {None, cluster_id}:
            raise StorageError(
                f"data directory {self.path} belongs to cluster {known_cluster}, not to {cluster_id}"
            )
        cluster_id = known_cluster or cluster_id or _random_id()
        known_directory = properties.get("directory.id")
        directory_id = known_directory or _random_id()
        try:
            self.directory_id = uuid.UUID(bytes=base64.urlsafe_b64decode(directory_id + "==")).bytes
        except ValueError:
            raise StorageError(f"{self.path / META_PROPERTIES}: {directory_id} is no directory.id") from None
        if known_node is None or known_cluster is None or known_directory is None:
            self._write_properties(node_id, cluster_id, directory_id)
        return cluster_id

    def _read_properties(self) -> dict[str, str]:
        try:
            lines = (self.path / META_PROPERTIES).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise UnusableDirectoryError(f"{self.path / META_PROPERTIES} cannot be read: {error}") from error
        except ValueError as error:
            raise StorageError(f"{self.path / META_PROPERTIES} cannot be read: {error}") from error
        pairs = (line.partition("=") for line in lines if line and not line.startswith(("#", "!")))
        return {key.strip(): value.strip() for key, _, value in pairs}

    def _write_properties(self, node_id: int, cluster_id: str, directory_id: str) -> None:
        written = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime())
        lines = ("#", f"#{written}", f"cluster.id={cluster_id}", f"directory.id={directory_id}")
        text = "\n".join((*lines, f"node.id={node_id}", "version=1", ""))
        try:
            replace_file(self._files, str(self.path / META_PROPERTIES), text.encode())
        except OSError as error:
            raise UnusableDirectoryError(
                f"data directory {self.path} cannot be written: {error.strerror}"
            ) from error

    def mark_clean(self) -> None:
        """Everything is on the disk: leave the marker of a clean stop. Raises OSError."""
        replace_file(self._files, str(self.path / CLEAN_SHUTDOWN), _NO_BROKER_EPOCH)

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._lock)


def _random_id() -> str:
    """A random UUID in Kafka's notation.

    22 characters of base64. Those that begin with a dash are avoided there.
    """
    while True:
        encoded = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not encoded.startswith("-"):
            return encoded
