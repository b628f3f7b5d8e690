// events.jsonl as lines for people: time, number, node, fact, and what it says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

// The last `most` lines of it; 0: all. A line that cannot be read is passed over.
[[nodiscard]] std::string timeline_text(std::string_view events, std::size_t most = 0);

}  // namespace weir
