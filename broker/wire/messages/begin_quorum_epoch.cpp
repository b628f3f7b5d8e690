// BeginQuorumEpoch: the one place where its codec is compiled.
#include "broker/wire/messages/begin_quorum_epoch.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(BeginQuorumEpochRequest);
WEIR_INSTANTIATE_MESSAGE(BeginQuorumEpochResponse);

}  // namespace weir
