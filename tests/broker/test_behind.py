"""One of the two, logs and database, is behind the other, as after a power cut or a restored copy."""

from pathlib import Path

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

from .crashing import Process


async def test_an_offset_beyond_a_log_that_lost_its_tail_is_out_of_range_as_in_apache_kafka(
    tmp_path: Path,
) -> None:
    """A power cut may take the log's last pages and leave the commit: the consumer is told, and resets."""
    process = Process(tmp_path / "data")
    await process.broker.load()
    await process.broker.topics.create("t", 1, {})
    for _ in range(3):
        await process.append(0)
    await process.commit(3)
    process.kill()
    log = process.path / "t-0" / f"{0:020d}.log"
    log.write_bytes(log.read_bytes()[:-1])

    after = Process(process.path)
    await after.broker.load()
    assert (await after.ends(), after.committed()) == ([2], 3)
    topic = after.broker.topics.get("t")
    assert topic is not None
    store = (await after.broker.partition(topic, 0)).store
    with pytest.raises(KafkaError) as caught:
        await store.read(3, 100)
    assert caught.value.code == ErrorCode.OFFSET_OUT_OF_RANGE
    assert await after.append(0) == 2
    after.kill()
