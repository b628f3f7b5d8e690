// AlterPartition: the one place where its codec is compiled.
#include "broker/wire/messages/alter_partition.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(AlterPartitionRequest);
WEIR_INSTANTIATE_MESSAGE(AlterPartitionResponse);

}  // namespace weir
