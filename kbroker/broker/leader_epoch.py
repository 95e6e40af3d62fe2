"""Leader epochs that clients send along, to notice that they or the broker are behind (KIP-320)."""

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError

NO_EPOCH = -1


def check_leader_epoch(claimed: int, current: int) -> None:
    """Compare the epoch a client believes in (-1: none) with the partition's.

    Raises KafkaError FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH.
    """
    if claimed in (NO_EPOCH, current):
        return
    if claimed < current:
        raise KafkaError(ErrorCode.FENCED_LEADER_EPOCH)
    raise KafkaError(ErrorCode.UNKNOWN_LEADER_EPOCH)
