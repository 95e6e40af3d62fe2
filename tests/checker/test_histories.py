import json
from pathlib import Path

from histories.events import joined, merged
from histories.identity import NUMBER_MASK, packed, unpacked
from histories.recorder import Recorder

from .hand_made import History


def test_what_is_recorded_is_read_with_its_beginning(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "part")
    operation = recorder.invoke("a", "append", producer=1, first=0, count=3)
    recorder.info("b", "kill")
    operation.ok(offset=7, count=3)
    recorder.close()
    invoked, kill, done = joined((tmp_path / "part").read_text().splitlines(keepends=True))
    assert (invoked.type, kill.kind, done.type) == ("invoke", "kill", "ok")
    assert done.data == {"producer": 1, "first": 0, "count": 3, "offset": 7}
    assert done.began == invoked.at < kill.at < done.at
    assert recorder.counted == 3


def test_what_was_never_completed_is_unknown() -> None:
    history = History()
    history.begin_append(0)
    *_, last = history.events()
    assert (last.type, last.kind) == ("unknown", "append")


def test_parts_are_merged_by_time_without_a_line_that_was_cut_off() -> None:
    parts = [
        [json.dumps({"at": at, "x": 1}, separators=(",", ":")) + "\n" for at in ats]
        for ats in ((1, 4), (2, 13))
    ]
    parts[0].append('{"at":5,"x')
    assert [json.loads(line)["at"] for line in merged(parts)] == [1, 2, 4, 13]


def test_identities_are_ints() -> None:
    assert unpacked(packed(3, NUMBER_MASK)) == (3, NUMBER_MASK)
    assert packed(3, 5) + 1 == packed(3, 6)
