// DeleteRecords: the one place where its codec is compiled.
#include "broker/wire/messages/delete_records.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DeleteRecordsRequest);
WEIR_INSTANTIATE_MESSAGE(DeleteRecordsResponse);

}  // namespace weir
