"""The power goes while a partition moves to another directory: whatever is left, the log is there once, and whole."""

import pickle
from collections.abc import Callable
from itertools import count
from pathlib import Path

from ..power_loss import Left, PowerLossFileSystem, some_cuts, write
from .compacting import Inline
from .conftest import UnsyncedFileSystem, append, batch, now, read_all
from .several import Key, Several

Homes = dict[Key, bytes]


def test_every_record_that_was_synced_is_there_once(tmp_path: Path) -> None:
    """What the database had of the move may be lost, as by a power cut."""
    several = Several(tmp_path / "live", 2)
    several.config.segment_bytes = 300
    several.config.flush_messages = 1
    several.start()
    for _ in range(4):
        append(several.partition(), batch(size=100))
    before = several.ids.load()
    several.kill()
    files = PowerLossFileSystem(tmp_path / "live")
    several.files = files  # type: ignore[assignment]
    several.start()
    log = several.partition()
    states: list[tuple[Left, Homes, int]] = []
    moments = count()

    def look() -> None:
        end = log.log.recovery_point
        states.extend(
            (files.left(cut), homes, end)
            for cut in some_cuts(next(moments), 0)
            for homes in (before, several.ids.load())
        )

    class Appending(Inline):
        """Something is appended while the copy is synced."""

        async def run_blocking(self, call: Callable[[], None]) -> None:
            call()
            append(log, batch(size=100))

    files.moment = look
    several.move(0, 1, Appending())
    assert several.homes() == {"d0": [], "d1": [0]}
    append(several.partition(), batch(size=100))
    now(several.store.remove_deleted(2**62))
    look()
    several.kill()
    different = {pickle.dumps(state): state for state in states}
    assert len(different) > 40
    for number, (left, homes, end) in enumerate(different.values()):
        after = Several(tmp_path / str(number), 2)
        write(left, tmp_path / str(number))
        after.ids.homes = dict(homes)
        after.config = several.config
        after.files = UnsyncedFileSystem()  # type: ignore[assignment]
        after.start()
        log = after.partition()
        found = read_all(log)
        assert found[:end] == [*range(end)]
        for key in after.store.unfinished_moves():
            now(after.store.resume_move(*key))
        now(after.store.carry_on_moves(Inline()))
        assert read_all(log) == found
        now(after.store.remove_deleted(2**62))
        assert len([each for indexes in after.homes().values() for each in indexes]) == 1
        after.kill()
