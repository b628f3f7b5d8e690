// The one place where the codecs of these records are compiled.
#include "broker/wire/records/broker_records.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(RegisterBrokerRecord);
WEIR_INSTANTIATE_MESSAGE(UnregisterBrokerRecord);
WEIR_INSTANTIATE_MESSAGE(FenceBrokerRecord);
WEIR_INSTANTIATE_MESSAGE(UnfenceBrokerRecord);
WEIR_INSTANTIATE_MESSAGE(BrokerRegistrationChangeRecord);
WEIR_INSTANTIATE_MESSAGE(RegisterControllerRecord);
WEIR_INSTANTIATE_MESSAGE(UnregisterControllerRecord);

}  // namespace weir
