// ApiVersions: the one place where its codec is compiled.
#include "broker/wire/messages/api_versions.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ApiVersionsRequest);
WEIR_INSTANTIATE_MESSAGE(ApiVersionsResponse);

}  // namespace weir
