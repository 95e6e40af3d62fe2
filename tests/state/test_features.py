"""Which features there are, and which levels may follow which."""

import pytest

from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.state.features import FEATURES, FeatureUpdate, UpgradeType, updated_levels

UPGRADE, SAFE, UNSAFE = UpgradeType
INITIAL = {name: feature.initial for name, feature in FEATURES.items()}


def test_initial_levels_are_within_what_is_supported() -> None:
    for name, feature in FEATURES.items():
        assert name == feature.name
        assert feature.lowest <= feature.initial <= feature.highest


@pytest.mark.parametrize(
    ("name", "level", "upgrade_type"),
    [
        ("no.such.version", 1, UPGRADE),
        ("no.such.version", 0, SAFE),
        ("", 1, UPGRADE),
        ("group.version", 1, UPGRADE),
        ("transaction.version", 3, UPGRADE),
        ("transaction.version", -1, SAFE),
        ("transaction.version", 1, UPGRADE),
        ("transaction.version", 2, 0),
        ("transaction.version", 2, 4),
        ("metadata.version", 31, UPGRADE),
        ("metadata.version", 29, UPGRADE),
        ("metadata.version", 29, SAFE),
        ("metadata.version", 29, UNSAFE),
        ("metadata.version", 6, SAFE),
        ("kraft.version", 0, UNSAFE),
    ],
)
def test_refused(name: str, level: int, upgrade_type: int) -> None:
    with pytest.raises(KafkaError) as refusal:
        updated_levels(INITIAL, [FeatureUpdate(name, level, upgrade_type)], 1)
    assert refusal.value.code is ErrorCode.INVALID_UPDATE_VERSION


@pytest.mark.parametrize("upgrade_type", list(UpgradeType))
def test_what_stays_as_it_is_is_no_change(upgrade_type: UpgradeType) -> None:
    updates = [FeatureUpdate(name, level, upgrade_type) for name, level in INITIAL.items()]
    assert updated_levels(INITIAL, updates, 1) == {}


def test_a_downgrade_raises_no_level() -> None:
    off = INITIAL | {"transaction.version": 0}
    with pytest.raises(KafkaError):
        updated_levels(off, [FeatureUpdate("transaction.version", 1, SAFE)], 1)
    assert updated_levels(off, [FeatureUpdate("transaction.version", 1, UPGRADE)], 1) == {
        "transaction.version": 1
    }
