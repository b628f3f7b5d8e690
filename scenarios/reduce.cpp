// One pass for each size of chunks; single items until a pass leaves all of them.
#include "scenarios/reduce.h"

#include <algorithm>

namespace weir {
namespace {

// Leaves out what it can in chunks of this size. Whether anything went.
bool pass(std::vector<std::size_t>& kept, std::size_t chunk, const StillFails& fails) {
  bool shorter = false;
  std::size_t end = kept.size();
  while (end > 0) {
    const std::size_t begin = end > chunk ? end - chunk : 0;
    std::vector<std::size_t> fewer(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(begin));
    fewer.insert(fewer.end(), kept.begin() + static_cast<std::ptrdiff_t>(end), kept.end());
    if (fails(fewer)) {
      kept = std::move(fewer);
      shorter = true;
    }
    end = begin;
  }
  return shorter;
}

}  // namespace

std::vector<std::size_t> reduce(std::size_t count, const StillFails& fails) {
  std::vector<std::size_t> kept(count);
  for (std::size_t i = 0; i < count; ++i) kept[i] = i;
  for (std::size_t chunk = count; chunk > 1; chunk = (std::min(chunk, kept.size()) + 1) / 2) {
    pass(kept, chunk, fails);
    if (kept.size() <= 1) break;
  }
  while (!kept.empty() && pass(kept, 1, fails)) {
  }
  return kept;
}

}  // namespace weir
