"""Any bit of a batch in the middle of a log is another one, after a clean stop: nothing is passed over in silence.

As in Apache Kafka bytes are served as they are, and a consumer checks their CRC; where headers lead nowhere, it is told
CORRUPT_MESSAGE. After an unclean stop the log is cut there instead, see test_recovery.
"""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

from .conftest import Disk, fill, now

SIZE = 150
HEADER_BYTES = 61
# Base offset and epoch lie outside of the CRC; what is changed there only the next batches can tell.
OFFSETS = range(8)


@pytest.mark.parametrize("in_segment", [1, 2])
def test_who_asks_for_what_lies_behind_it_gets_that_or_an_error(
    disk: Disk, in_segment: int, caplog: pytest.LogCaptureFixture
) -> None:
    fill(disk, 11, SIZE)
    disk.stop()
    path = disk.partition_path / f"{4:020d}.log"
    whole = path.read_bytes()
    errors = 0
    for byte in range(HEADER_BYTES):
        data = bytearray(whole)
        data[in_segment * SIZE + byte] ^= 1 << byte % 8
        path.write_bytes(data)
        log = disk.start()
        assert log.high_watermark == 11
        for offset in range(11):
            position = (offset - 4) * SIZE
            try:
                read = bytes(now(log.read(offset, SIZE, at_least_one=True)).records)
            except KafkaError as error:
                errors += 1
                told = error.code is ErrorCode.CORRUPT_MESSAGE and str(path) in caplog.text
                expected = told and 4 + in_segment <= offset < 8
            else:
                asked, flipped = (bytes(data[at : at + SIZE]) for at in (position, in_segment * SIZE))
                expected = not 4 <= offset < 8 or read[:SIZE] in {asked, flipped} or byte in OFFSETS
            assert expected, (byte, offset)
        disk.kill()
        path.write_bytes(whole)
    assert errors
