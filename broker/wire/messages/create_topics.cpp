// CreateTopics: the one place where its codec is compiled.
#include "broker/wire/messages/create_topics.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(CreateTopicsRequest);
WEIR_INSTANTIATE_MESSAGE(CreateTopicsResponse);

}  // namespace weir
