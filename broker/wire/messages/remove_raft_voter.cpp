// RemoveRaftVoter: the one place where its codec is compiled.
#include "broker/wire/messages/remove_raft_voter.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(RemoveRaftVoterRequest);
WEIR_INSTANTIATE_MESSAGE(RemoveRaftVoterResponse);

}  // namespace weir
