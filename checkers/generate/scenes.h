// Scenes: a few operations on a partition of their own that show one kind of finding, to be set
// into a generated history at any moment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/finding.h"
#include "checkers/history.h"

namespace weir {

// The bounds of time that scenes exceed.
inline constexpr std::int64_t kSceneBound = 1'000'000'000'000'000;

[[nodiscard]] bool has_scene(FindingKind);
[[nodiscard]] std::vector<FindingKind> kinds_with_scenes();
// The bounds that its kind needs, into a configuration; nothing for most kinds.
void set_bound_of(FindingKind, HistoryConfig&);

struct Stage {
  std::string key;           // the partition's
  std::int64_t process = 0;  // the first of ten
  std::int64_t time = 0;     // of every line, and of those that are late a bound later
};
void play_scene(FindingKind, const Stage&, History&);

}  // namespace weir
