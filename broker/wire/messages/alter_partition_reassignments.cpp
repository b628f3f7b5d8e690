// AlterPartitionReassignments: the one place where its codec is compiled.
#include "broker/wire/messages/alter_partition_reassignments.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(AlterPartitionReassignmentsRequest);
WEIR_INSTANTIATE_MESSAGE(AlterPartitionReassignmentsResponse);

}  // namespace weir
