// Histories with known answers: valid at any size, with kinds of findings planted on request.
//
// A log history is what producers and consumers of a simulated log see, complete with a full read
// at the end; a list-append history is that of a strictly serializable store. The same plan gives
// the same bytes everywhere. What was planted is told, so that a checker can be held to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/finding.h"
#include "checkers/history.h"

namespace weir {

struct GeneratePlan {
  std::uint64_t seed = 1;
  std::int64_t operations = 1'000;  // about so many invocations
  int keys = 16;                    // partitions, or lists at a time
  int writers = 10;                 // producers, or transactions at a time
  int readers = 10;                 // consumers, each of which reads everything
  std::vector<FindingKind> plants;
};

struct Planted {
  FindingKind kind{};
  std::string key;
  std::string value;  // as JSON; empty where the kind is not about one
};

struct Generated {
  History history;
  std::vector<Planted> planted;
};

[[nodiscard]] Generated generate_log(const GeneratePlan&);
[[nodiscard]] Generated generate_list_append(const GeneratePlan&);

// The kinds that can be planted in a history of that family.
[[nodiscard]] std::vector<FindingKind> plantable(std::string_view family);

}  // namespace weir
