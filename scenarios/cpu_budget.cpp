// What the kernel counts for this process, user and system.
#include "scenarios/cpu_budget.h"

#include <sys/resource.h>

namespace weir {

double cpu_used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::function<bool()> cpu_budget(Duration budget) {
  const double end = cpu_used() + static_cast<double>(budget.count()) / 1e9;
  return [end] { return cpu_used() > end; };
}

}  // namespace weir
