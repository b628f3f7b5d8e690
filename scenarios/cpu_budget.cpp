// What the kernel counts, user and system.
#include "scenarios/cpu_budget.h"

#include <sys/resource.h>

namespace weir {
namespace {

double cpu_of(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

double cpu_used() { return cpu_of(RUSAGE_SELF); }

double cpu_of_children() { return cpu_of(RUSAGE_CHILDREN); }

std::function<bool()> cpu_budget(Duration budget) {
  const double end = cpu_used() + static_cast<double>(budget.count()) / 1e9;
  return [end] { return cpu_used() > end; };
}

}  // namespace weir
