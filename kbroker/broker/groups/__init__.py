"""The group coordinator: consumer groups and their committed offsets, stored and driven by a clock."""

from kbroker.broker.groups.coordinator import GroupCoordinator

__all__ = ["GroupCoordinator"]
