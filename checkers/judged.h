// What is said of a guarantee: one of five words, why it was promised, how much was looked at, and
// the breaches with their addresses. How it is found: verdict.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir {

enum class VerdictWord : std::uint8_t { holds, violated, not_exercised, not_promised, unknown };

// "holds", "VIOLATED", ... for people; the JSON form is lower case.
[[nodiscard]] std::string_view name_of(VerdictWord);
[[nodiscard]] std::string_view json_name_of(VerdictWord);

// One breach, with its address. Events are numbers of the run, -1 where unknown.
struct Violation {
  std::string record;              // "orders-0@17", or empty
  std::int64_t made = -1;          // the event that made the promise
  std::int64_t broken = -1;        // the event that broke it
  std::vector<std::int64_t> seen;  // the events that noticed it
  std::vector<std::string> argument;
};

inline constexpr std::size_t kMaxViolationsKept = 100;

struct Verdict {
  std::string id;  // "durability.acked"
  VerdictWord word = VerdictWord::unknown;
  bool promised = false;
  std::vector<std::string> because;                             // the derivation of `promised`
  std::vector<std::pair<std::string, std::int64_t>> looked_at;  // in the order of printing
  std::string text;                   // "5,912 acknowledged, all 5,912 on every surviving log"
  std::vector<Violation> violations;  // at most kMaxViolationsKept; looked_at has the count
};

}  // namespace weir
