// The one place where the codecs of these records are compiled.
#include "broker/wire/records/control_records.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(LeaderChangeMessage);
WEIR_INSTANTIATE_MESSAGE(SnapshotHeaderRecord);
WEIR_INSTANTIATE_MESSAGE(SnapshotFooterRecord);
WEIR_INSTANTIATE_MESSAGE(KRaftVersionRecord);
WEIR_INSTANTIATE_MESSAGE(VotersRecord);

}  // namespace weir
