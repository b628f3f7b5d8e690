// CreatePartitions: the one place where its codec is compiled.
#include "broker/wire/messages/create_partitions.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(CreatePartitionsRequest);
WEIR_INSTANTIATE_MESSAGE(CreatePartitionsResponse);

}  // namespace weir
