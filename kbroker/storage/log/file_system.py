"""The one seam through which the log changes the disk.

Everything that creates, writes, syncs, renames or removes goes through a `FileSystem`, so that a test can put
one in its place that fails, writes short, or stops the world between two calls. Reading needs no seam.
"""

import os


class FileSystem:
    """The real thing: plain aliases of the system calls, so that the seam costs an attribute look-up."""

    write_at = staticmethod(os.pwrite)
    truncate = staticmethod(os.ftruncate)
    sync = staticmethod(getattr(os, "fdatasync", os.fsync))
    rename = staticmethod(os.rename)
    unlink = staticmethod(os.unlink)
    mkdir = staticmethod(os.mkdir)
    rmdir = staticmethod(os.rmdir)
    set_times = staticmethod(os.utime)

    def create(self, path: str) -> int:
        """Open a file for reading and writing, making it if needed; returns the descriptor."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def allocate(self, descriptor: int, size: int) -> None:
        """Reserve `size` bytes of disk for a file (the `preallocate` topic config)."""
        os.posix_fallocate(descriptor, 0, size)

    def sync_file(self, path: str) -> None:
        """Make what was written to a file durable, through whichever descriptor it was written."""
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def sync_directory(self, path: str) -> None:
        """Make renames, creations and removals in a directory durable."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(
    files: FileSystem, descriptor: int, data: bytes | bytearray | memoryview, position: int
) -> None:
    """Write the whole of `data`, going on after short writes. Raises OSError."""
    view = memoryview(data)
    while view:
        written = files.write_at(descriptor, view, position)
        view = view[written:]
        position += written


def replace_file(files: FileSystem, path: str, data: bytes, *, durable: bool = True) -> None:
    """Replace a file by `data`, so that a crash leaves the old or the new one whole. Raises OSError."""
    temporary = path + ".tmp"
    descriptor = files.create(temporary)
    try:
        files.truncate(descriptor, 0)
        write_all(files, descriptor, data, 0)
        if durable:
            files.sync(descriptor)
    finally:
        os.close(descriptor)
    files.rename(temporary, path)
    if durable:
        files.sync_directory(path.rpartition("/")[0])
