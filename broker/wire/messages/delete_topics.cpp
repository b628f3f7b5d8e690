// DeleteTopics: the one place where its codec is compiled.
#include "broker/wire/messages/delete_topics.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DeleteTopicsRequest);
WEIR_INSTANTIATE_MESSAGE(DeleteTopicsResponse);

}  // namespace weir
