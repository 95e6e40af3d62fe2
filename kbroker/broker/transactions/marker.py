"""What is written to each partition of a transaction when it ends."""

from typing import Final

from attrs import frozen

from kbroker.protocol.records import ControlType, encode_end_txn

COORDINATOR_EPOCH: Final = 0  # of the one coordinator there is


@frozen
class Marker:
    """How a producer's transaction ended.

    From `transaction_version` 2 on its epoch is above the one that the records were written in (KIP-890).
    """

    producer_id: int
    producer_epoch: int
    commit: bool
    coordinator_epoch: int = COORDINATOR_EPOCH
    transaction_version: int = 0

    def batch(self, now_ms: int) -> bytearray:
        """The control batch that says so."""
        return encode_end_txn(
            ControlType.COMMIT if self.commit else ControlType.ABORT,
            producer_id=self.producer_id,
            producer_epoch=self.producer_epoch,
            coordinator_epoch=self.coordinator_epoch,
            timestamp=now_ms,
        )
