// The one place where the codecs of these records are compiled.
#include "broker/wire/records/setting_records.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ConfigRecord);
WEIR_INSTANTIATE_MESSAGE(FeatureLevelRecord);
WEIR_INSTANTIATE_MESSAGE(ProducerIdsRecord);
WEIR_INSTANTIATE_MESSAGE(NoOpRecord);
WEIR_INSTANTIATE_MESSAGE(BeginTransactionRecord);
WEIR_INSTANTIATE_MESSAGE(EndTransactionRecord);
WEIR_INSTANTIATE_MESSAGE(AbortTransactionRecord);

}  // namespace weir
