"""A machine whose power may be cut while a broker works on its disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from attrs import define, field

from kbroker.storage.sqlite.database import FILE_NAME

from ..storage.power_loss import Cut, PowerLossFileSystem, cuts, write
from ..storage.wal_cut import WAL_SUFFIX, beginnings, whole
from .crashing import Process

NOW_MS = 1_700_000_000_000
SEEDS = 2
WRITTEN_BACK = Cut("all", lambda count: count, lambda content: bytes(content.live))


class FixedClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW_MS

    def now_ms(self) -> int:
        return self.now


@define
class Machine:
    """Runs one broker after another. SQLite's own files are as it promises to leave them after a cut:

    whole up to a transaction, which is the last one if the broker has opened them with synchronous=FULL, else any.
    """

    path: Path
    settings: dict[str, str]
    clock: FixedClock = field(factory=FixedClock)
    _copies: int = 0

    async def started(self) -> Process:
        """A broker that has loaded what there is."""
        self.path.mkdir(exist_ok=True)
        files = PowerLossFileSystem(self.path)
        process = Process(self.path, settings=self.settings, files=files, clock=self.clock)
        await process.broker.load()
        return process

    async def with_empty_wal(self) -> Process:
        """A broker that begins with a new write-ahead log."""
        (await self.started()).kill()
        return await self.started()

    def cut_logs(self, process: Process) -> Iterator["Machine"]:
        """The machines that a cut may leave: of the logs what was synced and more, of the database all."""
        for cut in cuts(SEEDS):
            yield from self._left(process, cut, whole(self._database))

    def cut_database(self, process: Process) -> Iterator["Machine"]:
        """The machines that a cut may leave: all of the logs, and of the database all or, if it isn't synced, less."""
        for wal in self._wals(process):
            yield from self._left(process, WRITTEN_BACK, wal)

    def copy(self, process: Process, cut: Cut) -> "Machine":
        """A machine with what this cut leaves of the logs, and the least that it may leave of the database."""
        wal = whole(self._database) if cut is WRITTEN_BACK else next(self._wals(process))
        return next(self._left(process, cut, wal, remove=False))

    def _wals(self, process: Process) -> Iterator[bytes]:
        """What a cut may leave of the database's log, the least first."""
        if process.syncs_database:
            yield whole(self._database)
        else:
            yield from beginnings(self._database)

    @property
    def _database(self) -> Path:
        return self.path / FILE_NAME

    def _left(self, process: Process, cut: Cut, wal: bytes, *, remove: bool = True) -> Iterator["Machine"]:
        self._copies += 1
        left = self.path.with_name(f"{self.path.name}-{self._copies}")
        assert isinstance(process.files, PowerLossFileSystem)
        write(process.files.left(cut), left)
        shutil.copy(self._database, left / FILE_NAME)
        (left / f"{FILE_NAME}{WAL_SUFFIX}").write_bytes(wal)
        yield Machine(left, self.settings, self.clock)
        if remove:
            shutil.rmtree(left)
