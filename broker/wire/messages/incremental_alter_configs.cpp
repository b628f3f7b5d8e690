// IncrementalAlterConfigs: the one place where its codec is compiled.
#include "broker/wire/messages/incremental_alter_configs.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(IncrementalAlterConfigsRequest);
WEIR_INSTANTIATE_MESSAGE(IncrementalAlterConfigsResponse);

}  // namespace weir
