// UnregisterBroker: the one place where its codec is compiled.
#include "broker/wire/messages/unregister_broker.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(UnregisterBrokerRequest);
WEIR_INSTANTIATE_MESSAGE(UnregisterBrokerResponse);

}  // namespace weir
