// ListOffsets: the one place where its codec is compiled.
#include "broker/wire/messages/list_offsets.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ListOffsetsRequest);
WEIR_INSTANTIATE_MESSAGE(ListOffsetsResponse);

}  // namespace weir
