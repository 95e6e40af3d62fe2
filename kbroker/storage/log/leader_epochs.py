"""Which leader epoch each stretch of a log was written in (KIP-101), and Kafka's file for it."""

import logging
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from kbroker.storage.interfaces.logs import EpochEndOffset
from kbroker.storage.log.file_system import FileSystem, replace_file

_logger = logging.getLogger(__name__)
FILE_NAME = "leader-epoch-checkpoint"
NO_EPOCH = -1
_LAST_EPOCH, _LAST_OFFSET = 2**31 - 1, 2**63 - 1


class LeaderEpochs:
    """Epochs and the offsets they start at, both rising.

    Changes are written to the partition's directory at once.
    """

    def __init__(self, directory: str, files: FileSystem) -> None:
        """No epochs yet; `load` reads those of a partition's directory."""
        self.directory = directory  # changes when the log moves
        self._files = files
        self._epochs: list[int] = []
        self._starts: list[int] = []

    def load(self) -> None:
        """Read the file; one that is missing or cannot be read counts as empty."""
        try:
            with open(f"{self.directory}/{FILE_NAME}", encoding="ascii") as file:
                version, count, *lines = file.read().splitlines()
            entries = [tuple(map(int, line.split())) for line in lines]
            epochs = [epoch for epoch, _ in entries]
            starts = [start for _, start in entries]
            rise = _rise(epochs, _LAST_EPOCH) and _rise(starts, _LAST_OFFSET)
            if int(version) != 0 or len(entries) != int(count) or not rise:
                raise ValueError
            self._epochs, self._starts = epochs, starts
        except FileNotFoundError:
            return
        except ValueError:
            _logger.warning("%s/%s: damaged, and taken for empty", self.directory, FILE_NAME)

    def copied_to(self, directory: str, files: FileSystem) -> "LeaderEpochs":
        """The same of a copy of the log. Raises OSError."""
        copy = LeaderEpochs(directory, files)
        copy._epochs, copy._starts = list(self._epochs), list(self._starts)
        copy._save()
        return copy

    def _save(self) -> None:
        lines = [f"{epoch} {start}\n" for epoch, start in zip(self._epochs, self._starts, strict=True)]
        data = f"0\n{len(lines)}\n{''.join(lines)}".encode()
        replace_file(self._files, f"{self.directory}/{FILE_NAME}", data, durable=False)

    @property
    def latest(self) -> int:
        """The newest epoch; -1 when none is known."""
        return self._epochs[-1] if self._epochs else NO_EPOCH

    def assign(self, epoch: int, start_offset: int) -> None:
        """A newer epoch begins at `start_offset`; an epoch that is not newer changes nothing."""
        if epoch > self.latest:
            while self._starts and self._starts[-1] >= start_offset:
                self._starts.pop()
                self._epochs.pop()
            self._epochs.append(epoch)
            self._starts.append(start_offset)
            self._save()

    def end_offset(self, epoch: int, log_end_offset: int) -> EpochEndOffset:
        """Where the largest epoch not above `epoch` ended; -1 and -1 when `epoch` has not begun."""
        if epoch == NO_EPOCH or epoch > self.latest:
            return EpochEndOffset(-1, -1)
        if epoch == self.latest:
            return EpochEndOffset(epoch, log_end_offset)
        above = bisect_right(self._epochs, epoch)
        return EpochEndOffset(self._epochs[above - 1] if above else epoch, self._starts[above])

    def epoch_of(self, offset: int) -> int:
        """Epoch that an offset was, or will be, written in; -1 before the first."""
        above = bisect_right(self._starts, offset)
        return self._epochs[above - 1] if above else NO_EPOCH

    def truncate_end(self, end_offset: int) -> None:
        """Forget epochs that begin at or after the log's end (which a recovery may have moved down)."""
        kept = bisect_right(self._starts, end_offset - 1)
        if kept < len(self._starts):
            del self._starts[kept:], self._epochs[kept:]
            self._save()

    def truncate_start(self, start_offset: int) -> None:
        """The log now begins at `start_offset`: keep the epoch that it lies in, and later ones."""
        above = bisect_right(self._starts, start_offset)
        if above > 1 or (above and self._starts[0] < start_offset):
            del self._starts[: above - 1], self._epochs[: above - 1]
            self._starts[0] = start_offset
            self._save()


def _rise(numbers: Sequence[int], last: int) -> bool:
    """Whether each is above the one before, and all are from 0 to `last`."""
    return all(one < other for one, other in pairwise((-1, *numbers, last + 1)))
