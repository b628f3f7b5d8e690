// The name of this build: seven hex digits of a content hash of the product's sources
// (build_id.cmake).
#pragma once

#include <string_view>

namespace weir {

[[nodiscard]] std::string_view build_id();

}  // namespace weir
