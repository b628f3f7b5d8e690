// AddRaftVoter: the one place where its codec is compiled.
#include "broker/wire/messages/add_raft_voter.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(AddRaftVoterRequest);
WEIR_INSTANTIATE_MESSAGE(AddRaftVoterResponse);

}  // namespace weir
