// Vote: the one place where its codec is compiled.
#include "broker/wire/messages/vote.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(VoteRequest);
WEIR_INSTANTIATE_MESSAGE(VoteResponse);

}  // namespace weir
