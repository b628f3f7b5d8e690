// Budgets of CPU time, which other programs on the machine do not use up.
#pragma once

#include <functional>

#include "broker/base/time.h"

namespace weir {

// Of this process so far, in seconds.
[[nodiscard]] double cpu_used();
// Of the processes that it has started and that have ended, in seconds.
[[nodiscard]] double cpu_of_children();

// Whether so much has been used since this call.
[[nodiscard]] std::function<bool()> cpu_budget(Duration);

}  // namespace weir
