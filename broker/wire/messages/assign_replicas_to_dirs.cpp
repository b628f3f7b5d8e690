// AssignReplicasToDirs: the one place where its codec is compiled.
#include "broker/wire/messages/assign_replicas_to_dirs.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(AssignReplicasToDirsRequest);
WEIR_INSTANTIATE_MESSAGE(AssignReplicasToDirsResponse);

}  // namespace weir
