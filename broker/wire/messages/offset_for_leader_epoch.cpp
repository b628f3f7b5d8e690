// OffsetForLeaderEpoch: the one place where its codec is compiled.
#include "broker/wire/messages/offset_for_leader_epoch.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(OffsetForLeaderEpochRequest);
WEIR_INSTANTIATE_MESSAGE(OffsetForLeaderEpochResponse);

}  // namespace weir
