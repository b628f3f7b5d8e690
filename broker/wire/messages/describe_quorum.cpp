// DescribeQuorum: the one place where its codec is compiled.
#include "broker/wire/messages/describe_quorum.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DescribeQuorumRequest);
WEIR_INSTANTIATE_MESSAGE(DescribeQuorumResponse);

}  // namespace weir
