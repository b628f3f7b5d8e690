// BrokerHeartbeat: the one place where its codec is compiled.
#include "broker/wire/messages/broker_heartbeat.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(BrokerHeartbeatRequest);
WEIR_INSTANTIATE_MESSAGE(BrokerHeartbeatResponse);

}  // namespace weir
