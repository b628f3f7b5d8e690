// Which part of a sweep, or of anything that can be dealt out, falls to this machine.
//
// "2/4" says it; "auto" takes both numbers from what CI systems and schedulers set for parallel
// jobs, and "auto/4" the part alone, where only that is set (Kubernetes Indexed Jobs).
#pragma once

#include <functional>
#include <string>

#include "scenarios/sweep.h"

namespace weir {

// The value of an environment variable, or null.
using Environment = std::function<const char*(const char* name)>;

// On failure `error` says what was found and what to write instead.
[[nodiscard]] Shard parse_shard(const std::string& text, const Environment&, std::string& error);

}  // namespace weir
