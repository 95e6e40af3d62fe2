"""Fetch: positions, limits, waiting, leader epochs, and incremental sessions (KIP-227)."""

import time
from typing import Any

from differential.batches import GZIP, TIME, batch
from differential.conversation import Client, Conversation
from differential.scenario import scenario
from kbroker.protocol.delete_records import DeleteRecordsRequest
from kbroker.protocol.fetch import FetchRequest

VERSIONS = range(4, 19)
SESSIONS = range(7, 19)
MEGABYTE = 1 << 20


def part(partition: int = 0, offset: int = 0, max_bytes: int = MEGABYTE, **fields: Any) -> dict[str, Any]:
    """One partition of a Fetch request."""
    return {"partition": partition, "fetch_offset": offset, "partition_max_bytes": max_bytes, **fields}


def called(run: Conversation, topic: str | bytes) -> dict[str, Any]:
    """A topic as this version names it; bytes are an id already."""
    return (
        {"topic_id": topic}
        if isinstance(topic, bytes)
        else run.called(topic, ids_from=13, name_field="topic")
    )


def asked(
    run: Conversation, *topics: tuple[str | bytes, list[dict[str, Any]]], **fields: Any
) -> dict[str, Any]:
    """The fields of a Fetch request that does not wait."""
    named = [{**called(run, topic), "partitions": partitions} for topic, partitions in topics]
    return {"max_wait_ms": 0, "min_bytes": 0, "max_bytes": MEGABYTE, "topics": named, **fields}


def fetch(
    run: Conversation,
    label: str,
    *topics: tuple[str | bytes, list[dict[str, Any]]],
    client: Client | None = None,
    **fields: Any,
) -> Any:
    return (client or run.first).ask(label, FetchRequest, **asked(run, *topics, **fields))


def delete_records(run: Conversation, topic: str, offset: int) -> None:
    parts = [{"partition_index": 0, "offset": offset}]
    run.first.quietly(DeleteRecordsRequest, 2, topics=[{"name": topic, "partitions": parts}], timeout_ms=5000)


def three_batches(run: Conversation, topic: str, partition: int = 0) -> None:
    for first in (b"a", b"b", b"c"):
        run.fill(topic, batch([first * 20] * 3), partition)


@scenario(VERSIONS)
def positions(run: Conversation) -> None:
    topic = run.topic(partitions=3)
    three_batches(run, topic)
    for offset in (0, 1, 3, 4, 8, 9, 10, 1000, -1, -2):
        fetch(run, f"offset {offset} of 9", (topic, [part(offset=offset)]))
    fetch(run, "an empty partition", (topic, [part(1)]))
    fetch(run, "unknown partition", (topic, [part(3)]))
    fetch(run, "negative partition", (topic, [part(-1)]))
    fetch(run, "three partitions, one unknown", (topic, [part(1), part(0), part(9)]))
    fetch(run, "no topic")
    fetch(run, "no partition", (topic, []))
    fetch(run, "the same partition twice", (topic, [part(0), part(0, 6)]))
    fetch(run, "the same topic twice", (topic, [part(0)]), (topic, [part(1)]))
    if run.version >= 13:
        fetch(run, "unknown topic id", (b"\7" * 16, [part()]))
        fetch(run, "zero topic id", (bytes(16), [part()]))
        fetch(run, "unknown and known", (b"\7" * 16, [part(), part(1)]), (topic, [part()]))
    else:
        for label, name in (
            ("unknown topic", run.name("nowhere")),
            ("invalid name", "a/b"),
            ("empty name", ""),
        ):
            fetch(run, label, (name, [part()]))
        fetch(run, "unknown and known", (run.name("nowhere"), [part(), part(1)]), (topic, [part()]))
    delete_records(run, topic, 4)
    for offset in (0, 3, 4, 5, 9, 10):
        fetch(run, f"offset {offset} of 4 to 9", (topic, [part(offset=offset)]))
    delete_records(run, topic, -1)
    for offset in (8, 9, 10):
        fetch(run, f"offset {offset} of 9 to 9", (topic, [part(offset=offset)]))
    run.fill(topic, batch([b"z"] * 50, attributes=GZIP), 2)
    fetch(run, "compressed, from within", (topic, [part(2, 30)]))


@scenario(VERSIONS)
def limits(run: Conversation) -> None:
    topic = run.topic(partitions=3)
    for partition in range(3):
        three_batches(run, topic, partition)
    size = len(batch([b"a" * 20] * 3))
    for limit in (0, 1, size - 1, size, size + 1, size + 61, 2 * size, 3 * size, -1):
        fetch(run, f"at most {limit} bytes of the partition", (topic, [part(max_bytes=limit)]))
        fetch(run, f"at most {limit} bytes in all", (topic, [part(0), part(1)]), max_bytes=limit)
    fetch(run, "partition limit 1, three partitions", (topic, [part(i, 0, 1) for i in (2, 0, 1)]))
    fetch(run, "the first has nothing", (topic, [part(0, 9), part(1), part(2)]), max_bytes=1)
    fetch(run, "the first has an error", (topic, [part(0, 99), part(1), part(2)]), max_bytes=1)
    fetch(run, "min bytes above max bytes", (topic, [part()]), max_wait_ms=50, min_bytes=1000, max_bytes=size)
    for isolation in (0, 1, 2, -1):
        fetch(run, f"isolation {isolation}", (topic, [part()]), isolation_level=isolation)
    for replica in (-2, 0, 1, 7, -5):
        if run.version < 15:
            fetch(run, f"replica {replica}", (topic, [part()]), replica_id=replica)
        else:
            fetch(run, f"replica {replica}", (topic, [part()]), replica_state={"replica_id": replica})
    if run.version >= 11:
        fetch(run, "from some rack", (topic, [part(max_bytes=1)]), rack_id="rack 7")
    if run.version >= 12:
        fetch(run, "a cluster id that is not ours", (topic, [part(max_bytes=1)]), cluster_id="other")


@scenario(VERSIONS)
def waiting(run: Conversation) -> None:
    topic = run.topic(partitions=2)
    fetch(run, "nothing comes", (topic, [part()]), max_wait_ms=60, min_bytes=1)
    fetch(run, "min bytes 0 does not wait", (topic, [part()]), max_wait_ms=20_000, min_bytes=0)
    fetch(run, "negative wait", (topic, [part()]), max_wait_ms=-1, min_bytes=1)
    fetch(run, "negative min bytes", (topic, [part()]), max_wait_ms=20_000, min_bytes=-1)
    fetch(run, "an error does not wait", (topic, [part(), part(1, 5)]), max_wait_ms=20_000, min_bytes=1)
    fetch(run, "an unknown partition waits", (topic, [part(9), part()]), max_wait_ms=60, min_bytes=1)
    fetch(run, "no topic does not wait", max_wait_ms=20_000, min_bytes=1)
    other = run.client()
    fields = asked(run, (topic, [part(0), part(1)]), max_wait_ms=20_000, min_bytes=1)
    waits = other.send("something comes", FetchRequest, **fields)
    time.sleep(0.02)
    run.fill(topic, batch(), 1)
    waits.answer()
    fields = asked(run, (topic, [part(0), part(1, 1)]), max_wait_ms=20_000, min_bytes=140)
    waits = other.send("enough comes in two parts", FetchRequest, **fields)
    run.fill(topic, batch(), 1)
    run.fill(topic, batch(), 0)
    waits.answer()
    fetch(run, "less than min bytes when time is up", (topic, [part(1)]), max_wait_ms=60, min_bytes=10_000)


@scenario(range(9, 19))
def leader_epochs(run: Conversation) -> None:
    topic = run.topic()
    three_batches(run, topic)
    for epoch in (-1, 0, 1, 100, -2):
        fetch(run, f"current leader epoch {epoch}", (topic, [part(current_leader_epoch=epoch, max_bytes=1)]))
    if run.version >= 12:
        for epoch in (-1, 0, 1, 5, -2):
            for offset in (0, 6, 9, 10):
                known = part(offset=offset, last_fetched_epoch=epoch, max_bytes=1)
                fetch(run, f"last fetched epoch {epoch}, offset {offset}", (topic, [known]))
        both = part(offset=3, last_fetched_epoch=0, current_leader_epoch=0, max_bytes=1)
        fetch(run, "both epochs", (topic, [both]))


@scenario(SESSIONS)
def sessions(run: Conversation) -> None:
    topic, other = run.topic(partitions=2), run.topic("other")
    three_batches(run, topic)
    fetch(run, "no session wanted", (topic, [part()]), session_id=0, session_epoch=-1)
    opened = fetch(run, "a new session", (topic, [part(0), part(1)]), session_id=0, session_epoch=0)
    one = opened.session_id
    fetch(run, "epoch 1: the position has not moved, so the data again", session_id=one, session_epoch=1)
    fetch(run, "epoch 2: moved to the end", (topic, [part(0, 9)]), session_id=one, session_epoch=2)
    fetch(run, "epoch 3: nothing new", session_id=one, session_epoch=3)
    run.fill(topic, batch(), 1)
    fetch(run, "epoch 4: one partition has something", session_id=one, session_epoch=4)
    fetch(
        run,
        "epoch 5: one more topic",
        (other, [part()]),
        (topic, [part(1, 1)]),
        session_id=one,
        session_epoch=5,
    )
    run.fill(other, batch())
    fetch(run, "epoch 6: it has something", session_id=one, session_epoch=6)
    gone = [{**called(run, other), "partitions": [0]}]
    fetch(run, "epoch 7: it is forgotten", session_id=one, session_epoch=7, forgotten_topics_data=gone)
    fetch(run, "epoch 8: an unknown partition", (topic, [part(5)]), session_id=one, session_epoch=8)
    fetch(run, "epoch 9: the error again", session_id=one, session_epoch=9)
    delete_records(run, topic, 2)
    fetch(run, "epoch 10: the log start has moved", session_id=one, session_epoch=10)
    fetch(run, "epoch 11: out of range", (topic, [part(0, 99)]), session_id=one, session_epoch=11)
    fetch(run, "epoch 12: still", session_id=one, session_epoch=12)
    gone = [{**called(run, topic), "partitions": [0, 1, 5, 77]}]
    fetch(run, "epoch 13: all forgotten", session_id=one, session_epoch=13, forgotten_topics_data=gone)
    fetch(run, "epoch 14: an empty session", session_id=one, session_epoch=14)
    fetch(run, "closed by epoch -1", session_id=one, session_epoch=-1)
    fetch(run, "after it was closed", session_id=one, session_epoch=15)


@scenario(SESSIONS)
def session_errors(run: Conversation) -> None:
    topic = run.topic()
    three_batches(run, topic)
    fetch(run, "an unknown session", (topic, [part()]), session_id=123_456_789, session_epoch=1)
    fetch(run, "an unknown session, epoch 0", (topic, [part()]), session_id=123_456_789, session_epoch=0)
    fetch(run, "an unknown session closed", (topic, [part()]), session_id=123_456_789, session_epoch=-1)
    fetch(run, "no session, epoch 1", (topic, [part()]), session_id=0, session_epoch=1)
    fetch(run, "no session, epoch -2", (topic, [part()]), session_id=0, session_epoch=-2)
    one = fetch(run, "a new session", (topic, [part()]), session_id=0, session_epoch=0).session_id
    fetch(run, "its epoch 2 first", session_id=one, session_epoch=2)
    fetch(run, "then its epoch 1", (topic, [part(0, 9)]), session_id=one, session_epoch=1)
    fetch(run, "its epoch 1 again", session_id=one, session_epoch=1)
    fetch(run, "its epoch -2", session_id=one, session_epoch=-2)
    fetch(run, "still alive at epoch 2", session_id=one, session_epoch=2)
    fetch(run, "from another connection", session_id=one, session_epoch=3, client=run.client())
    two = fetch(run, "replaced by epoch 0", (topic, [part(0, 3)]), session_id=one, session_epoch=0).session_id
    fetch(run, "the old one", session_id=one, session_epoch=4)
    fetch(run, "the new one", session_id=two, session_epoch=1)
    fetch(run, "an empty new session", session_id=0, session_epoch=0)
    missing = b"\7" * 16 if run.version >= 13 else run.name("nowhere")
    three = fetch(
        run, "opened on an unknown topic", (missing, [part()]), session_id=0, session_epoch=0
    ).session_id
    fetch(run, "which stays unknown", session_id=three, session_epoch=1)
    four = fetch(
        run, "opened on a known and an unknown one", (topic, [part()]), (missing, [part()]), session_epoch=0
    )
    fetch(run, "goes on", (topic, [part(0, 9)]), session_id=four.session_id, session_epoch=1)
    fetch(run, "and on", session_id=four.session_id, session_epoch=2)


@scenario(SESSIONS)
def session_waits(run: Conversation) -> None:
    topic = run.topic()
    one = fetch(run, "a new session", (topic, [part()]), session_id=0, session_epoch=0).session_id
    fetch(run, "waits in vain", session_id=one, session_epoch=1, max_wait_ms=60, min_bytes=1)
    waits = run.client().send(
        "waits for a record",
        FetchRequest,
        **asked(run, max_wait_ms=20_000, min_bytes=1, session_id=one, session_epoch=2),
    )
    time.sleep(0.02)
    run.fill(topic, batch(time=TIME + 1))
    waits.answer()


@scenario(SESSIONS)
def topic_made_again(run: Conversation) -> None:
    topic = run.topic()
    three_batches(run, topic)
    old = called(run, topic)
    one = fetch(run, "a new session", (topic, [part()]), session_id=0, session_epoch=0).session_id
    fetch(run, "moved to the end", (topic, [part(0, 9)]), session_id=one, session_epoch=1)
    run.delete(topic)
    fetch(run, "the session's topic is gone", session_id=one, session_epoch=2)
    if run.version >= 13:
        run.ask("its id", FetchRequest, **{**asked(run), "topics": [{**old, "partitions": [part()]}]})
    run.topic()
    run.fill(topic, batch())
    if run.version >= 13:
        run.ask("the old id", FetchRequest, **{**asked(run), "topics": [{**old, "partitions": [part()]}]})
    fetch(run, "the session's topic is another one", session_id=one, session_epoch=3)
    fetch(run, "still", session_id=one, session_epoch=4)
    fetch(run, "the new one in the old session", (topic, [part()]), session_id=one, session_epoch=5)
    fetch(run, "and on", session_id=one, session_epoch=6)
    fetch(run, "the new topic", (topic, [part()]))


@scenario([3, 19])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 1, run.version, bytes(20), flexible=run.version > 11)
