// The file of a shrunk scenario: with a name, a sentence that says what it shows and, where the bug
// is planted, the violation to expect; the records that its producers read lie beside it.
#pragma once

#include <map>
#include <string>

#include "scenarios/shrink.h"

namespace weir {

// "2 faults and 3 operations".
[[nodiscard]] std::string size_text(const Shrunk&);

// What it lists, a line each, faults first: "  kill b1 at 30 ms", "  P1 sends to orders-0 at 2 ms".
// At most so many lines, and how many more there are.
[[nodiscard]] std::string listing_text(const Scenario&, std::size_t most);

// "storm-6f2a", shrunk from `original` at its seed.
[[nodiscard]] Scenario presentable(const Shrunk&, const Scenario& original);

// Writes it; records get `prefix` before the client's id. On failure `error` names the file.
void write_shrunk(const std::string& path, Scenario, const std::map<std::string, RecordFile>&,
                  const std::string& prefix, std::string& error);

}  // namespace weir
