"""Record batches made once, to be sent many times."""

import os
import time

from kbroker.protocol.records import Record, encode_batch


def batch_of(records: int, record_bytes: int) -> bytes:
    """A batch of so many records of random bytes, stamped now."""
    now = time.time_ns() // 1_000_000
    return bytes(encode_batch([Record(n, now, None, os.urandom(record_bytes)) for n in range(records)]))
