"""UnregisterBroker (key 64), version 0: forget a broker that is gone for good.

- any other than this broker is BROKER_ID_NOT_REGISTERED
- this broker registers again at once, since it is running; Apache Kafka's would be without brokers until a restart
"""

from kbroker.broker.context import RequestContext
from kbroker.protocol.error_codes import ErrorCode
from kbroker.protocol.errors import KafkaError
from kbroker.protocol.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from kbroker.state.acls import AclOperation


async def handle(request: UnregisterBrokerRequest, ctx: RequestContext) -> UnregisterBrokerResponse:
    """Answer whether there is such a broker."""
    try:
        ctx.require_cluster(AclOperation.ALTER)
    except KafkaError as error:
        return UnregisterBrokerResponse(error_code=error.code, error_message=error.message)
    if request.broker_id != ctx.broker.node_id:
        return UnregisterBrokerResponse(
            error_code=ErrorCode.BROKER_ID_NOT_REGISTERED,
            error_message=f"Broker ID {request.broker_id} is not currently registered",
        )
    return UnregisterBrokerResponse()
