// DescribeConfigs: the one place where its codec is compiled.
#include "broker/wire/messages/describe_configs.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DescribeConfigsRequest);
WEIR_INSTANTIATE_MESSAGE(DescribeConfigsResponse);

}  // namespace weir
