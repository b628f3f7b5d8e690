// The first event of the world that differs, or that draws other random numbers; the first fact
// that differs, as people know it; and the draws of each stream up to there.
//
// Equal draws point to an order that leaked (an iteration), unequal ones to a stray draw.
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

// Where the first fact that differs begins in both texts; npos: they are the same.
std::size_t first_fact(std::string_view left, std::string_view right) {
  const std::size_t shorter = std::min(left.size(), right.size());
  std::size_t same = 0;
  while (same < shorter && left[same] == right[same]) ++same;
  if (same == left.size() && same == right.size()) return std::string_view::npos;
  if (same == 0) return 0;
  const std::size_t newline = left.rfind('\n', same - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

bool same_event(const WorldStep& a, const WorldStep& b) {
  return a.sequence == b.sequence && a.at == b.at && a.node == b.node && a.kind == b.kind &&
         a.result == b.result;
}

// The position of the first event that differs or draws otherwise; the shorter length if none.
std::size_t first_event(const Steps& a, const Steps& b) {
  const std::size_t shorter = std::min(a.events.size(), b.events.size());
  for (std::size_t i = 0; i < shorter; ++i) {
    const bool same_names = a.events[i].drawn == b.events[i].drawn;
    if (!same_event(a.events[i], b.events[i]) || !same_names) return i;
  }
  return shorter;
}

std::string event_text(const Steps& steps, std::size_t i) {
  if (i >= steps.events.size()) return "(ended)";
  const WorldStep& e = steps.events[i];
  std::string text = "#" + count_text(e.sequence) + " " + steps.kinds[e.kind];
  if (e.node < steps.nodes.size()) text += " at " + steps.nodes[e.node];
  text += ", " + readable_duration(Duration(e.at));
  for (const StepDraw& d : e.drawn) {
    text += ", " + count_text(d.draws) + (d.draws == 1 ? " draw" : " draws") + " of \"" +
            steps.streams[d.stream] + "\"";
  }
  return text;
}

using Draws = std::map<std::string, std::uint64_t>;

Draws draws_up_to(const Steps& steps, std::size_t end) {
  Draws draws;
  for (std::size_t i = 0; i < std::min(end, steps.events.size()); ++i) {
    for (const StepDraw& d : steps.events[i].drawn) draws[steps.streams[d.stream]] += d.draws;
  }
  return draws;
}

std::uint64_t total(const Draws& draws) {
  std::uint64_t sum = 0;
  for (const auto& [name, n] : draws) sum += n;
  return sum;
}

// The streams that were drawn from last before this event, the latest first.
std::string last_draws(const Steps& steps, std::size_t end) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> last;
  for (std::size_t i = std::min(end, steps.events.size()); i-- > 0 && last.size() < kShown;) {
    for (const StepDraw& d : steps.events[i].drawn) {
      if (last.size() < kShown) last.push_back("\"" + steps.streams[d.stream] + "\"");
    }
  }
  std::string text;
  for (const std::string& name : last) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "none" : text;
}

// Draws up to and with the first event that differs, where only its draws tell the cause.
std::string draws_text(const RunOutcome& a, const RunOutcome& b, std::size_t at) {
  const Draws left = draws_up_to(a.steps, at + 1);
  const Draws right = draws_up_to(b.steps, at + 1);
  std::string text = "\n  random draws up to there: A " + count_text(total(left)) + ", B " +
                     count_text(total(right));
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> streams;
  for (const auto& [name, n] : left) streams[name].first = n;
  for (const auto& [name, n] : right) streams[name].second = n;
  std::string stray;
  for (const auto& [name, n] : streams) {
    if (n.first == n.second) continue;
    stray +=
        "\n  draws of \"" + name + "\": A " + count_text(n.first) + ", B " + count_text(n.second);
  }
  text += stray.empty()
              ? ", the same in every stream -> likely an iteration order, not a stray draw"
              : " -> a stray draw" + stray;
  return text + "\n  last draws before: " + last_draws(a.steps, at);
}

}  // namespace

std::string difference(const RunOutcome& a, const RunOutcome& b) {
  if (a.fingerprint == b.fingerprint) return {};
  const std::string_view left = a.traces.events;
  const std::string_view right = b.traces.events;
  const std::size_t at = first_event(a.steps, b.steps);
  std::string text = "runs differ first at an event of the world, after " + count_text(at) +
                     " equal ones\n  A  " + event_text(a.steps, at) + "\n  B  " +
                     event_text(b.steps, at);
  const std::size_t fact = first_fact(left, right);
  if (fact == std::string_view::npos) {
    text += "\n  the facts are the same to the end";
  } else {
    const auto before =
        std::count(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(fact), '\n');
    text += "\n  and at a fact, after " + grouped(before) + " equal ones\n  A  " +
            std::string(line_at(left, fact)) + "\n  B  " + std::string(line_at(right, fact));
  }
  return text + draws_text(a, b, at);
}

}  // namespace weir
