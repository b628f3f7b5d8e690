// DescribeCluster: the one place where its codec is compiled.
#include "broker/wire/messages/describe_cluster.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DescribeClusterRequest);
WEIR_INSTANTIATE_MESSAGE(DescribeClusterResponse);

}  // namespace weir
