// InitProducerId: the one place where its codec is compiled.
#include "broker/wire/messages/init_producer_id.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(InitProducerIdRequest);
WEIR_INSTANTIATE_MESSAGE(InitProducerIdResponse);

}  // namespace weir
