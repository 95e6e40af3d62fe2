"""UpdateFeatures: raise and lower finalised levels, and what is refused (KIP-584, KIP-1022)."""

from typing import Any

from differential.conversation import Conversation
from differential.scenario import scenario
from kbroker.protocol.api_versions import ApiVersionsRequest
from kbroker.protocol.update_features import UpdateFeaturesRequest

VERSIONS = range(3)
UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE = 1, 2, 3
METADATA, KRAFT, TRANSACTION, ELR = (
    f"{name}.version" for name in ("metadata", "kraft", "transaction", "eligible.leader.replicas")
)
Update = tuple[str, int, int]  # feature, level, upgrade type


def update(run: Conversation, label: str, *updates: Update, validate_only: bool = False) -> None:
    """Version 0 says with a flag that levels may be lowered."""
    if run.version == 0:
        wanted = [
            {"feature": name, "max_version_level": level, "allow_downgrade": kind != UPGRADE}
            for name, level, kind in updates
        ]
    else:
        wanted = [
            {"feature": name, "max_version_level": level, "upgrade_type": kind}
            for name, level, kind in updates
        ]
    run.ask(label, UpdateFeaturesRequest, feature_updates=wanted, validate_only=validate_only)


@scenario(VERSIONS)
def refused(run: Conversation) -> None:
    update(run, "none")
    wrong: dict[str, Update] = {
        "unknown": ("no.such.version", 1, UPGRADE),
        "unknown, off": ("no.such.version", 0, SAFE_DOWNGRADE),
        "no name": ("", 1, UPGRADE),
        "above the highest": (TRANSACTION, 3, UPGRADE),
        "below 0": (TRANSACTION, -1, SAFE_DOWNGRADE),
        "lower, as an upgrade": (TRANSACTION, 1, UPGRADE),
        "off, as an upgrade": (TRANSACTION, 0, UPGRADE),
        "metadata above the highest": (METADATA, 31, UPGRADE),
        "metadata far above the highest": (METADATA, 99, UPGRADE),
        "metadata below the lowest": (METADATA, 6, SAFE_DOWNGRADE),
        "metadata off": (METADATA, 0, UNSAFE_DOWNGRADE),
        "metadata below 0": (METADATA, -1, SAFE_DOWNGRADE),
        "metadata lower, as an upgrade": (METADATA, 29, UPGRADE),
        "metadata one lower": (METADATA, 29, SAFE_DOWNGRADE),
        "metadata one lower, unsafe": (METADATA, 29, UNSAFE_DOWNGRADE),
        "metadata much lower": (METADATA, 7, SAFE_DOWNGRADE),
        "kraft off": (KRAFT, 0, SAFE_DOWNGRADE),
        "kraft off, unsafe": (KRAFT, 0, UNSAFE_DOWNGRADE),
        "kraft off, as an upgrade": (KRAFT, 0, UPGRADE),
        "kraft above the highest": (KRAFT, 2, UPGRADE),
        "upgrade type 0": (TRANSACTION, 2, 0),
        "upgrade type 4": (TRANSACTION, 2, 4),
        "upgrade type -1": (TRANSACTION, 2, -1),
        "upgrade type 0 for kraft": (KRAFT, 1, 0),
    }
    for label, each in wrong.items():
        update(run, label, each)
        if run.version:
            update(run, f"{label}, validated alone", each, validate_only=True)
    update(run, "one right, one wrong", (TRANSACTION, 2, UPGRADE), ("no.such.version", 1, UPGRADE))
    update(run, "one wrong, one right", ("no.such.version", 1, UPGRADE), (TRANSACTION, 2, UPGRADE))
    update(run, "two wrong", (METADATA, 99, UPGRADE), (KRAFT, 2, UPGRADE))
    update(run, "the same twice", (TRANSACTION, 1, SAFE_DOWNGRADE), (TRANSACTION, 2, UPGRADE))
    same = {
        "as it is": TRANSACTION,
        "metadata as it is": METADATA,
        "kraft as it is": KRAFT,
        "ELR as it is": ELR,
    }
    levels = {TRANSACTION: 2, METADATA: 30, KRAFT: 1, ELR: 1}
    for label, name in same.items():
        for kind in (UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE):
            update(run, f"{label}, type {kind}", (name, levels[name], kind))
    if run.version:
        update(run, "lower, validated alone", (TRANSACTION, 1, SAFE_DOWNGRADE), validate_only=True)


@scenario(VERSIONS, last=True)
def changed(run: Conversation) -> None:
    def finalized(label: str, level: int, name: str = ELR) -> None:
        def only(answer: Any) -> None:
            answer.api_keys, answer.supported_features = [], []
            answer.finalized_features = [each for each in answer.finalized_features if each.name == name]

        run.ask(
            label,
            ApiVersionsRequest,
            version=4,
            client_software_name="name",
            client_software_version="1",
            only=only,
            until=lambda answer: sum(each.max_version_level for each in answer.finalized_features) == level,
        )

    for level, kind in ((0, SAFE_DOWNGRADE), (1, UPGRADE), (0, UNSAFE_DOWNGRADE), (1, UPGRADE)):
        update(run, f"eligible leader replicas to {level}, type {kind}", (ELR, level, kind))
        expected = level if run.version else 1  # version 0 cannot lower a level
        finalized(f"eligible leader replicas at {level}, type {kind}", expected)
    for level, kind in (
        (1, SAFE_DOWNGRADE),
        (0, SAFE_DOWNGRADE),
        (1, UPGRADE),
        (0, UNSAFE_DOWNGRADE),
        (2, UPGRADE),
    ):
        update(run, f"transactions to {level}, type {kind}", (TRANSACTION, level, kind))
        finalized(f"transactions at {level}, type {kind}", level if run.version else 2, TRANSACTION)
    update(run, "two at once", (ELR, 0, SAFE_DOWNGRADE), (METADATA, 30, UPGRADE))
    finalized("it is lower", 0 if run.version else 1)
    update(run, "back", (ELR, 1, UPGRADE))
    finalized("it is back", 1)


@scenario([3])
def versions_outside(run: Conversation) -> None:
    run.first.ask_raw("a version not advertised", 57, run.version, bytes(20), flexible=True)
