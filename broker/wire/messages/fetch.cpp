// Fetch: the one place where its codec is compiled.
#include "broker/wire/messages/fetch.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(FetchRequest);
WEIR_INSTANTIATE_MESSAGE(FetchResponse);

}  // namespace weir
