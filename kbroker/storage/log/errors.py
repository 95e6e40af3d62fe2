"""What the log raises when the disk, or what is on it, is not as it must be."""


class StorageError(Exception):
    """A data directory or log cannot be used; the message says which and why, for a person to act on."""
