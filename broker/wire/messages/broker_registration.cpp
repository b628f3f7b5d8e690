// BrokerRegistration: the one place where its codec is compiled.
#include "broker/wire/messages/broker_registration.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(BrokerRegistrationRequest);
WEIR_INSTANTIATE_MESSAGE(BrokerRegistrationResponse);

}  // namespace weir
