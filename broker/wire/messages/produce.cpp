// Produce: the one place where its codec is compiled.
#include "broker/wire/messages/produce.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ProduceRequest);
WEIR_INSTANTIATE_MESSAGE(ProduceResponse);

}  // namespace weir
