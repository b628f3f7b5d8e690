// The one place where the codecs of these records are compiled.
#include "broker/wire/records/topic_records.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(TopicRecord);
WEIR_INSTANTIATE_MESSAGE(RemoveTopicRecord);
WEIR_INSTANTIATE_MESSAGE(PartitionRecord);
WEIR_INSTANTIATE_MESSAGE(PartitionChangeRecord);
WEIR_INSTANTIATE_MESSAGE(ClearElrRecord);

}  // namespace weir
