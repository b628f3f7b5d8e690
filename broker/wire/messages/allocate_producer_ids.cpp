// AllocateProducerIds: the one place where its codec is compiled.
#include "broker/wire/messages/allocate_producer_ids.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(AllocateProducerIdsRequest);
WEIR_INSTANTIATE_MESSAGE(AllocateProducerIdsResponse);

}  // namespace weir
