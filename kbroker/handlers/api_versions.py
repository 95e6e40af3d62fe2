"""ApiVersions (key 18), versions 0-4: which requests this broker answers, and in which versions.

- a version that isn't served is answered in version 0's format with UNSUPPORTED_VERSION (KIP-511), see dispatch
- v3+ clients say what they are; a name or version out of the allowed characters is INVALID_REQUEST (KIP-511)
"""

import re

from kbroker.broker.context import RequestContext
from kbroker.handlers import served_apis
from kbroker.protocol.api_versions import ApiVersion, ApiVersionsRequest, ApiVersionsResponse
from kbroker.protocol.error_codes import ErrorCode

CLIENT_NAMES_SINCE = 3
_SOFTWARE = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?\Z")


async def handle(request: ApiVersionsRequest, ctx: RequestContext) -> ApiVersionsResponse:
    """List what is served."""
    if ctx.api_version >= CLIENT_NAMES_SINCE:
        names = (request.client_software_name, request.client_software_version)
        if not all(_SOFTWARE.match(name) for name in names):
            return ApiVersionsResponse(error_code=ErrorCode.INVALID_REQUEST)
        ctx.connection.software_name, ctx.connection.software_version = names
    return supported()


def supported(error_code: ErrorCode = ErrorCode.NONE) -> ApiVersionsResponse:
    """The list of what is served, with any error code."""
    return ApiVersionsResponse(
        error_code=error_code,
        api_keys=[ApiVersion(api.key, api.first, api.last) for api in served_apis().values()],
        finalized_features_epoch=0,
    )
