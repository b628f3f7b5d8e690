// DescribeLogDirs: the one place where its codec is compiled.
#include "broker/wire/messages/describe_log_dirs.h"

#include "broker/wire/message_codec.h"

namespace weir {

WEIR_INSTANTIATE_MESSAGE(DescribeLogDirsRequest);
WEIR_INSTANTIATE_MESSAGE(DescribeLogDirsResponse);

}  // namespace weir
