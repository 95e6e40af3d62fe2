"""UpdateFeatures (key 57), versions 0-2: raise or lower finalised levels (KIP-584, KIP-1022).

- all updates are made or none; of a feature that is named twice the last update counts
- version 0 cannot lower a level: its flag that would allow it is not looked at
- up to version 1 each feature has a result of its own, with the text `NONE`
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.update_features import (
    UpdatableFeatureResult,
    UpdateFeaturesRequest,
    UpdateFeaturesResponse,
)
from kbroker.state.acls import AclOperation
from kbroker.state.features import FeatureUpdate, updated_levels

RESULTS_UNTIL = 1


async def handle(request: UpdateFeaturesRequest, ctx: RequestContext) -> UpdateFeaturesResponse:
    """Finalise the levels, unless they are to be validated alone."""
    try:
        ctx.require_cluster(AclOperation.ALTER)
    except KafkaError as error:
        return UpdateFeaturesResponse(error_code=error.code, error_message=error.message)
    updates = {
        key.feature: FeatureUpdate(key.feature, key.max_version_level, key.upgrade_type)
        for key in request.feature_updates
    }
    features = ctx.broker.features
    try:
        levels = updated_levels(features.all(), updates.values(), ctx.broker.node_id)
        if levels and not request.validate_only:
            await features.finalize(levels)
    except KafkaError as error:
        return UpdateFeaturesResponse(error_code=error.code, error_message=error.message)
    results = [
        UpdatableFeatureResult(key.feature, ErrorCode.NONE, "NONE")
        for key in request.feature_updates
        if ctx.api_version <= RESULTS_UNTIL
    ]
    return UpdateFeaturesResponse(error_message=None, results=results)
