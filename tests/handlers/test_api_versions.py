"""ApiVersions: what is advertised is served, and nothing else."""

from importlib.util import find_spec

import pytest

from kbroker.handlers import api_versions, served_apis
from kbroker.protocol.api_versions import ApiVersionsRequest
from kbroker.protocol.error_codes import ErrorCode

from .conftest import MakeContext


async def test_all_that_is_served_is_advertised_with_its_versions(at: MakeContext) -> None:
    answer = await api_versions.handle(ApiVersionsRequest(), at(0))
    advertised = {key.api_key: (key.min_version, key.max_version) for key in answer.api_keys}
    assert advertised == {api.key: (api.first, api.last) for api in served_apis().values()}
    assert list(advertised) == sorted(advertised)
    assert advertised[0] == (0, 13)


def test_every_advertised_api_has_a_handler() -> None:
    for api in served_apis().values():
        assert find_spec(f"kbroker.handlers.{api.module}"), api.name


@pytest.mark.parametrize("name", ["", "a b", "-x", "x-", "ä", "a\n"])
async def test_clients_must_have_names_since_v3(at: MakeContext, name: str) -> None:
    for request in (ApiVersionsRequest(name, "1.0"), ApiVersionsRequest("client", name)):
        assert (await api_versions.handle(request, at(3))).error_code == ErrorCode.INVALID_REQUEST
        assert (await api_versions.handle(request, at(2))).error_code == ErrorCode.NONE


async def test_a_client_is_remembered(at: MakeContext) -> None:
    ctx = at(4)
    await api_versions.handle(ApiVersionsRequest("apache-kafka-java", "4.3.1"), ctx)
    assert ctx.connection.software_name == "apache-kafka-java"


async def test_features_are_told_with_their_levels(at: MakeContext) -> None:
    answer = await api_versions.handle(ApiVersionsRequest("client", "1.0"), at(4))
    supported = {each.name: (each.min_version, each.max_version) for each in answer.supported_features}
    finalized = {
        each.name: (each.min_version_level, each.max_version_level) for each in answer.finalized_features
    }
    assert supported["metadata.version"] == (7, 30)
    assert supported["kraft.version"] == (0, 1)
    assert finalized["metadata.version"] == (30, 30)
    assert finalized["kraft.version"] == (1, 1)


async def test_clients_that_fail_on_level_0_are_not_told_of_it(at: MakeContext) -> None:
    answer = await api_versions.handle(ApiVersionsRequest("client", "1.0"), at(3))
    assert [each.name for each in answer.supported_features] == ["metadata.version"]
    assert len(answer.finalized_features) > 1


async def test_a_feature_at_level_0_is_not_finalised(at: MakeContext) -> None:
    ctx = at(4)
    first = await api_versions.handle(ApiVersionsRequest("client", "1.0"), ctx)
    await ctx.broker.features.finalize({"eligible.leader.replicas.version": 0})
    answer = await api_versions.handle(ApiVersionsRequest("client", "1.0"), ctx)
    assert "eligible.leader.replicas.version" not in {each.name for each in answer.finalized_features}
    assert "eligible.leader.replicas.version" in {each.name for each in answer.supported_features}
    assert answer.finalized_features_epoch > first.finalized_features_epoch
