// UpdateFeatures: the one place where its codec is compiled.
#include "broker/wire/messages/update_features.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(UpdateFeaturesRequest);
WEIR_INSTANTIATE_MESSAGE(UpdateFeaturesResponse);

}  // namespace weir
