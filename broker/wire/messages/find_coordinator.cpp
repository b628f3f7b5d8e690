// FindCoordinator: the one place where its codec is compiled.
#include "broker/wire/messages/find_coordinator.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(FindCoordinatorRequest);
WEIR_INSTANTIATE_MESSAGE(FindCoordinatorResponse);

}  // namespace weir
