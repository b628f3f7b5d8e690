// DescribeTopicPartitions: the one place where its codec is compiled.
#include "broker/wire/messages/describe_topic_partitions.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DescribeTopicPartitionsRequest);
WEIR_INSTANTIATE_MESSAGE(DescribeTopicPartitionsResponse);

}  // namespace weir
