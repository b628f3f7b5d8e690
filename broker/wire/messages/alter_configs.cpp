// AlterConfigs: the one place where its codec is compiled.
#include "broker/wire/messages/alter_configs.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(AlterConfigsRequest);
WEIR_INSTANTIATE_MESSAGE(AlterConfigsResponse);

}  // namespace weir
