// EndQuorumEpoch: the one place where its codec is compiled.
#include "broker/wire/messages/end_quorum_epoch.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(EndQuorumEpochRequest);
WEIR_INSTANTIATE_MESSAGE(EndQuorumEpochResponse);

}  // namespace weir
