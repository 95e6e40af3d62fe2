"""What is advertised beside what Apache Kafka 4.3.1 advertises: each difference is explained."""

import json
from pathlib import Path
from typing import Any

import pytest
from differential.differences import NOT_SERVED

from kbroker.handlers import api_versions
from kbroker.protocol.api_versions import ApiVersionsRequest, ApiVersionsResponse

from .conftest import MakeContext

PROFILE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "profile_4.3.1.json").read_text())
LATER = {
    68: "ConsumerGroupHeartbeat: the consumer group protocol (KIP-848)",
    69: "ConsumerGroupDescribe: the consumer group protocol (KIP-848)",
    76: "ShareGroupHeartbeat: share groups (KIP-932)",
    77: "ShareGroupDescribe: share groups (KIP-932)",
    78: "ShareFetch: share groups (KIP-932)",
    79: "ShareAcknowledge: share groups (KIP-932)",
    83: "InitializeShareGroupState: share groups (KIP-932)",
    84: "ReadShareGroupState: share groups (KIP-932)",
    85: "WriteShareGroupState: share groups (KIP-932)",
    86: "DeleteShareGroupState: share groups (KIP-932)",
    87: "ReadShareGroupStateSummary: share groups (KIP-932)",
    88: "StreamsGroupHeartbeat: streams groups (KIP-1071)",
    89: "StreamsGroupDescribe: streams groups (KIP-1071)",
    90: "DescribeShareGroupOffsets: share groups (KIP-932)",
    91: "AlterShareGroupOffsets: share groups (KIP-932)",
    92: "DeleteShareGroupOffsets: share groups (KIP-932)",
}
FEATURES_LATER = {
    "group.version": "the consumer group protocol is not served (KIP-848)",
    "share.version": "share groups are not served (KIP-932)",
    "streams.version": "streams groups are not served (KIP-1071)",
}
# What is not there yet, and will be with transactions, security and quotas: not a reason to stay away.
NOT_YET = {int(key) for key in NOT_SERVED.split("|")} - LATER.keys()

Levels = dict[str, tuple[int, int]]


async def ask(at: MakeContext, version: int) -> ApiVersionsResponse:
    return await api_versions.handle(ApiVersionsRequest("profile", "1"), at(version))


def levels(rows: list[list[Any]]) -> Levels:
    return {name: (lowest, highest) for name, lowest, highest in rows}


@pytest.mark.parametrize("version", range(5))
async def test_every_key_is_served_in_the_same_versions_or_its_absence_explained(
    at: MakeContext, version: int
) -> None:
    answer = await ask(at, version)
    ours = {each.api_key: (each.min_version, each.max_version) for each in answer.api_keys}
    theirs = {int(key): (first, last) for key, (first, last) in PROFILE["api_versions"].items()}
    assert theirs.keys() - ours.keys() == LATER.keys() | NOT_YET
    assert ours == {key: versions for key, versions in theirs.items() if key in ours}
    assert ours.keys() <= theirs.keys()


@pytest.mark.parametrize("version", [3, 4])
async def test_every_feature_has_the_same_levels_or_its_absence_explained(
    at: MakeContext, version: int
) -> None:
    answer = await ask(at, version)
    supported = {each.name: (each.min_version, each.max_version) for each in answer.supported_features}
    finalized = {
        each.name: (each.min_version_level, each.max_version_level) for each in answer.finalized_features
    }
    missing = FEATURES_LATER.keys()
    answered = "supported_answer_v4" if version > 3 else "supported_answer_v0_to_v3"
    for ours, theirs in ((supported, levels(PROFILE[answered])), (finalized, levels(PROFILE["finalized"]))):
        assert theirs.keys() - ours.keys() == missing & theirs.keys()
        assert ours == {name: range_ for name, range_ in theirs.items() if name not in missing}
