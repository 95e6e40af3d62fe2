"""Transactions: the coordinator of all transactional ids, and the markers that it writes."""

from kbroker.broker.transactions.coordinator import TransactionCoordinator
from kbroker.broker.transactions.marker import COORDINATOR_EPOCH, Marker

__all__ = ["COORDINATOR_EPOCH", "Marker", "TransactionCoordinator"]
