// Texts of topics and errors.
#include "broker/client/client_types.h"

#include <stdexcept>

namespace weir {

std::string to_text(const TopicPartition& tp) {
  return tp.topic + '-' + std::to_string(tp.partition);
}

void throw_exception_from_error(const ClientError& e, const boost::source_location&) {
  throw std::runtime_error(e.why);
}

}  // namespace weir
