// FetchSnapshot: the one place where its codec is compiled.
#include "broker/wire/messages/fetch_snapshot.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(FetchSnapshotRequest);
WEIR_INSTANTIATE_MESSAGE(FetchSnapshotResponse);

}  // namespace weir
