// Metadata: the one place where its codec is compiled.
#include "broker/wire/messages/metadata.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(MetadataRequest);
WEIR_INSTANTIATE_MESSAGE(MetadataResponse);

}  // namespace weir
