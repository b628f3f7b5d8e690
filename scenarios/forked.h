// Many pure answers on every core: forked processes, results in order, whatever the number of jobs.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace weir {

// The answers of `ask` for 0 .. count-1. Each is asked in a process that is a copy of this one, and
// is one line without a newline; the answer of a process that died is empty.
[[nodiscard]] std::vector<std::string> ask_forked(std::size_t count, unsigned jobs,
                                                  const std::function<std::string(std::size_t)>&);

// One a core.
[[nodiscard]] unsigned default_jobs();

}  // namespace weir
