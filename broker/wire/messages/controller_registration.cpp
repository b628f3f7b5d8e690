// ControllerRegistration: the one place where its codec is compiled.
#include "broker/wire/messages/controller_registration.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(ControllerRegistrationRequest);
WEIR_INSTANTIATE_MESSAGE(ControllerRegistrationResponse);

}  // namespace weir
