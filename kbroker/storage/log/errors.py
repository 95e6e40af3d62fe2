"""What keeps a data directory from being used."""


class StorageError(Exception):
    """A data directory cannot be used; the message says which, and why."""


class UnusableDirectoryError(StorageError):
    """The disk refuses it, as opposed to it being somebody else's. Where there are several, the others may do."""
