"""UpdateFeatures: what is refused, and what a new level does to what clients are told."""

import pytest

from kbroker.broker.broker import Broker
from kbroker.handlers import update_features
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.update_features import (
    FeatureUpdateKey,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)

from .conftest import MakeContext, refuse_writes

UPGRADE, SAFE, UNSAFE = 1, 2, 3


async def update(
    at: MakeContext, *updates: tuple[str, int, int], version: int = 2, validate_only: bool = False
) -> UpdateFeaturesResponse:
    keys = [FeatureUpdateKey(name, level, upgrade_type=kind) for name, level, kind in updates]
    request = UpdateFeaturesRequest(feature_updates=keys, validate_only=validate_only)
    return await update_features.handle(request, at(version))


async def test_a_level_is_lowered_and_raised(at: MakeContext, broker: Broker) -> None:
    for level, kind in ((1, SAFE), (0, UNSAFE), (2, UPGRADE)):
        answer = await update(at, ("transaction.version", level, kind))
        assert (answer.error_code, answer.error_message, answer.results) == (0, None, [])
        assert broker.features.finalized("transaction.version") == level


async def test_validated_alone_nothing_changes(at: MakeContext, broker: Broker) -> None:
    assert (await update(at, ("transaction.version", 0, SAFE), validate_only=True)).error_code == 0
    assert broker.features.finalized("transaction.version") == 2


async def test_one_that_is_refused_keeps_the_others_from_being_made(at: MakeContext, broker: Broker) -> None:
    answer = await update(at, ("transaction.version", 0, SAFE), ("no.such.version", 1, UPGRADE))
    assert answer.error_code == ErrorCode.INVALID_UPDATE_VERSION
    assert "no.such.version" in (answer.error_message or "")
    assert broker.features.finalized("transaction.version") == 2


async def test_of_a_feature_that_is_named_twice_the_last_counts(at: MakeContext, broker: Broker) -> None:
    await update(at, ("transaction.version", 0, SAFE), ("transaction.version", 1, SAFE))
    assert broker.features.finalized("transaction.version") == 1


@pytest.mark.parametrize(("version", "results"), [(0, 1), (1, 1), (2, 0)])
async def test_older_versions_have_a_result_for_each(at: MakeContext, version: int, results: int) -> None:
    answer = await update(at, ("kraft.version", 1, UPGRADE), version=version)
    assert [each.error_message for each in answer.results] == ["NONE"] * results


async def test_what_cannot_be_stored_is_an_error(at: MakeContext, broker: Broker) -> None:
    refuse_writes(broker)
    answer = await update(at, ("transaction.version", 0, SAFE))
    assert answer.error_code == ErrorCode.KAFKA_STORAGE_ERROR
    assert broker.features.finalized("transaction.version") == 2
