"""DeleteRecords: up to an offset, or up to the end."""

from typing import Any

from differential.batches import batch
from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.delete_records import DeleteRecordsRequest

VERSIONS = range(3)


@scenario(VERSIONS)
def all_of_it(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    for _ in range(3):
        run.fill(topic, batch([b"a", b"b", b"c"]))

    def delete(label: str, *parts: tuple[int, int], name: str = topic, **given: Any) -> None:
        named = [{"partition_index": index, "offset": offset} for index, offset in parts]
        asked = {"topics": [{"name": name, "partitions": named}], "timeout_ms": 5000, **given}
        run.ask(label, DeleteRecordsRequest, **asked)

    for offset in (0, 2, 2, 1, 10, -2, 5):
        delete(f"offset {offset}", (0, offset))
    delete("to the end", (0, -1))
    delete("to the end again", (0, -1))
    delete("of an empty log", (1, -1), (0, 4))
    delete("unknown and negative partitions", (2, 0), (-1, 0))
    delete("unknown topic", (0, 0), name=run.name("nowhere"))
    delete("empty name", (0, 0), name="")
    delete("the same partition twice", (0, 0), (0, 9))
    delete("no partition")
    delete("timeout 0", (0, -1), timeout_ms=0)
    delete("negative timeout", (0, -1), timeout_ms=-1)
    run.ask("no topic", DeleteRecordsRequest, topics=[], timeout_ms=5000)
    packed = run.topic("compacted", cleanup_policy="compact")
    delete("a compacted topic", (0, 0), name=packed)


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 21, run.version, bytes(20), flexible=True)
