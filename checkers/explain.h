// explain: a finding in sentences, and the smallest history that still shows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkers/finding.h"
#include "checkers/history.h"

namespace weir {

// What a kind of finding means, and why it must not be: one or two sentences.
[[nodiscard]] std::string_view meaning_of(FindingKind);

// The operations that a finding names, by the indexes of the history's author, ascending.
[[nodiscard]] std::vector<std::int64_t> operations_of(const Finding&);

// One operation in words; of what it sent or polled only what concerns the key, where one is given.
[[nodiscard]] std::string operation_text(const History&, std::uint32_t position,
                                         std::string_view key);

struct Witness {
  std::string text;             // weir-history/1, with the indexes of the original
  std::int64_t operations = 0;  // of it
  std::int64_t of = 0;          // of the whole history
  bool minimal = false;         // no operation can be left out
  Finding finding;              // as it shows it
};
// Operations are taken away while the same finding, about the same operations, is still found (of
// cycles one of the same kind), and none that the whole history, of which all findings are given,
// does not have.
[[nodiscard]] Witness witness_of(const History&, const Findings&, const Finding&);

// `which`: a number as `weir check` lists them, from 1, or a kind; empty for the first.
struct Explanation {
  std::string text;
  std::string error;
  Witness witness;
};
[[nodiscard]] Explanation explain(const History&, const std::string& which);

}  // namespace weir
