// The first line of events.jsonl that differs, and which random streams were drawn from more often.
// Equal counts of draws point to an order that leaked (an iteration), unequal ones to a stray draw.
#include "scenarios/double_run.h"

#include <algorithm>
#include <map>

#include "broker/base/text.h"

namespace weir {
namespace {

std::string_view line_at(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find('\n', begin);
  return text.substr(begin, end == std::string_view::npos ? text.size() - begin : end - begin);
}

std::string draws_text(const RunOutcome& a, const RunOutcome& b) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> streams;
  for (const StreamDraws& s : a.draws) streams[s.name].first = s.draws;
  for (const StreamDraws& s : b.draws) streams[s.name].second = s.draws;
  std::string text;
  for (const auto& [name, draws] : streams) {
    if (draws.first == draws.second) continue;
    text += "\n  draws of \"" + name + "\": A " + grouped(static_cast<std::int64_t>(draws.first)) +
            ", B " + grouped(static_cast<std::int64_t>(draws.second));
  }
  if (text.empty()) {
    return "\n  random draws used: the same in every stream -> likely an iteration order, not a "
           "stray draw";
  }
  return text;
}

}  // namespace

std::string difference(const RunOutcome& a, const RunOutcome& b) {
  if (a.fingerprint == b.fingerprint) return {};
  const std::string_view left = a.traces.events;
  const std::string_view right = b.traces.events;
  const std::size_t shorter = std::min(left.size(), right.size());
  std::size_t same = 0;
  while (same < shorter && left[same] == right[same]) ++same;
  if (same == left.size() && same == right.size()) {
    return "the facts are the same, the world's events are not" + draws_text(a, b);
  }
  const std::size_t newline = left.rfind('\n', same == 0 ? 0 : same - 1);
  const std::size_t begin = newline == std::string_view::npos || same == 0 ? 0 : newline + 1;
  const auto before =
      std::count(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
  return "runs differ first after " + grouped(before) + " equal facts\n  A  " +
         std::string(line_at(left, begin)) + "\n  B  " + std::string(line_at(right, begin)) +
         draws_text(a, b);
}

}  // namespace weir
