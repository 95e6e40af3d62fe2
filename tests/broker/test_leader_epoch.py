"""Claimed leader epochs are compared with the partition's (KIP-320)."""

import pytest

from kbroker.broker.leader_epoch import check_leader_epoch
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError


@pytest.mark.parametrize("claimed", [-1, 3])
def test_none_or_the_current_one_is_fine(claimed: int) -> None:
    check_leader_epoch(claimed, 3)


@pytest.mark.parametrize(
    ("claimed", "code"),
    [
        (2, ErrorCode.FENCED_LEADER_EPOCH),
        (-2, ErrorCode.FENCED_LEADER_EPOCH),
        (4, ErrorCode.UNKNOWN_LEADER_EPOCH),
    ],
)
def test_others_are_told_apart(claimed: int, code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as caught:
        check_leader_epoch(claimed, 3)
    assert caught.value.code is code
