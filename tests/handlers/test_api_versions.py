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
