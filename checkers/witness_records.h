// Which records, and which elements of lists, a witness keeps of what its operations sent and read.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "checkers/finding.h"
#include "checkers/history_json.h"

namespace weir {

// The values that a finding names, as JSON.
[[nodiscard]] std::set<std::string> named_values(const Finding&);

// What these operations sent or read by one of these names.
[[nodiscard]] RecordSet records_named(const History&, const std::vector<std::uint32_t>& ops,
                                      const std::set<std::string>& names);
// What they read last of a partition, each of them.
void add_farthest(const History&, const std::vector<std::uint32_t>& ops, NameId key, RecordSet&);
// The elements that they appended.
void add_appended(const History&, const std::vector<std::uint32_t>& ops, RecordSet&);
// Elements that occur twice in one of their lists, the first in which two lists of a key differ,
// and the last of the longer one.
void add_telling_elements(const History&, const std::vector<std::uint32_t>& ops, RecordSet&);

}  // namespace weir
