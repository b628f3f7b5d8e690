// UpdateRaftVoter: the one place where its codec is compiled.
#include "broker/wire/messages/update_raft_voter.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(UpdateRaftVoterRequest);
WEIR_INSTANTIATE_MESSAGE(UpdateRaftVoterResponse);

}  // namespace weir
