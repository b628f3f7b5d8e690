// ListPartitionReassignments: the one place where its codec is compiled.
#include "broker/wire/messages/list_partition_reassignments.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ListPartitionReassignmentsRequest);
WEIR_INSTANTIATE_MESSAGE(ListPartitionReassignmentsResponse);

}  // namespace weir
