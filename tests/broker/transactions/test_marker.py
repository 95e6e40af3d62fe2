"""kbroker/broker/transactions/marker.py"""

import pytest

from kbroker.broker.transactions import Marker
from kbroker.protocol.records import ControlType, control_type, coordinator_epoch, parse_header, records_of


@pytest.mark.parametrize(("commit", "kind"), [(True, ControlType.COMMIT), (False, ControlType.ABORT)])
def test_a_marker_is_a_control_batch_of_its_producer(commit: bool, kind: ControlType) -> None:
    batch = Marker(7, 3, commit, coordinator_epoch=2).batch(1000)
    header = parse_header(batch)
    assert (header.producer_id, header.producer_epoch, header.is_control) == (7, 3, True)
    assert (header.is_transactional, header.max_timestamp) == (True, 1000)
    (record,) = records_of(batch)
    assert (control_type(record), coordinator_epoch(record)) == (kind, 2)
