// ElectLeaders: the one place where its codec is compiled.
#include "broker/wire/messages/elect_leaders.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ElectLeadersRequest);
WEIR_INSTANTIATE_MESSAGE(ElectLeadersResponse);

}  // namespace weir
