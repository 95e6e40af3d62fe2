"""ApiVersions (key 18), versions 0-4: which requests this broker answers, and in which versions.

- a version that isn't served is answered in version 0's format with UNSUPPORTED_VERSION (KIP-511), see dispatch
- clients before v4 fail on features whose lowest level is 0, and are not told that they are supported (KIP-1022)
- v3+ clients say what they are; a name or version out of the allowed characters is INVALID_REQUEST (KIP-511)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kbroker.handlers import served_apis
from kbroker.protocol.api_versions import (
    ApiVersion,
    ApiVersionsResponse,
    FinalizedFeatureKey,
    SupportedFeatureKey,
)
from kbroker.protocol.error_codes import ErrorCode
from kbroker.state.features import FEATURES

if TYPE_CHECKING:
    from kbroker.broker.context import RequestContext
    from kbroker.protocol.api_versions import ApiVersionsRequest

API_VERSIONS = 18
CLIENT_NAMES_SINCE = 3
LEVEL_0_SINCE = 4
_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?\Z")


async def handle(request: ApiVersionsRequest, ctx: RequestContext) -> ApiVersionsResponse:
    """List what is served."""
    if ctx.api_version >= CLIENT_NAMES_SINCE:
        names = (request.client_software_name, request.client_software_version)
        if not all(_SOFTWARE.match(name) for name in names):
            return ApiVersionsResponse(error_code=ErrorCode.INVALID_REQUEST)
        ctx.connection.software_name, ctx.connection.software_version = names
    features = FEATURES.values()
    return ApiVersionsResponse(
        api_keys=[ApiVersion(api.key, api.first, api.last) for api in served_apis().values()],
        supported_features=[
            SupportedFeatureKey(feature.name, feature.lowest, feature.highest)
            for feature in features
            if feature.lowest or ctx.api_version >= LEVEL_0_SINCE
        ],
        finalized_features_epoch=ctx.broker.features.epoch,
        finalized_features=[
            FinalizedFeatureKey(feature.name, level, level)
            for feature in features
            if (level := ctx.broker.features.finalized(feature.name))
        ],
    )


def unsupported_version() -> ApiVersionsResponse:
    """The answer to a version of ApiVersions that isn't served: only which of its versions are."""
    api = served_apis()[API_VERSIONS]
    return ApiVersionsResponse(ErrorCode.UNSUPPORTED_VERSION, [ApiVersion(api.key, api.first, api.last)])
