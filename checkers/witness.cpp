// The smallest history that still shows a finding.
//
// It begins with the operations that the finding names and grows until the finding is found again:
// by the longest reads of the lists that they touch (they alone tell the order of elements), by
// what their processes did with subscriptions, positions and transactions, by all that concerns the
// key, by everything. Then operations are taken away one by one. A smaller history counts only when
// the finding is about the same operations, so that no cause is cut out from under it.
#include <algorithm>
#include <map>
#include <set>

#include "checkers/checkers.h"
#include "checkers/explain.h"
#include "checkers/history_json.h"
#include "checkers/json_tape.h"

namespace weir {
namespace {

constexpr std::size_t kMaxTries = 3'000;
constexpr std::size_t kMaxLinesTried = 20'000'000;  // in all tries together

class Shrinker {
 public:
  Shrinker(const History& history, const Finding& finding)
      : h_(history), finding_(finding), named_(operations_of(finding)) {
    std::string text = write_history(history);
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = text.find('\n', at) + 1;
      lines_.push_back(text.substr(at, end - at));
      at = end;
    }
    const std::vector<std::uint32_t> partner = pair_operations(history);
    unit_of_.assign(history.ops.size(), 0);
    for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
      const bool completes = partner[i] != kNoOperation && partner[i] < i;
      if (!completes) units_.push_back({i});
      unit_of_[i] =
          completes ? unit_of_[partner[i]] : static_cast<std::uint32_t>(units_.size()) - 1;
      if (completes) units_[unit_of_[i]].push_back(i);
    }
  }

  Witness run() {
    std::vector<std::uint32_t> kept;
    bool shown = false;
    for (const Width width :
         {Width::named, Width::lists, Width::processes, Width::key, Width::all}) {
      kept = candidate(width);
      shown = shows(kept);
      if (shown) break;
    }
    Witness out;
    out.of = static_cast<std::int64_t>(units_.size());
    if (shown) out.minimal = shrink(kept);
    out.operations = static_cast<std::int64_t>(kept.size());
    out.text = text_of(kept);
    out.finding = shown_;
    return out;
  }

 private:
  enum class Width : std::uint8_t { named, lists, processes, key, all };

  // Units by how near they are to the finding.
  [[nodiscard]] std::vector<std::uint32_t> candidate(Width width) const {
    std::set<std::uint32_t> units;
    std::set<std::int64_t> processes;
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      if (!std::binary_search(named_.begin(), named_.end(), h_.index_of(i))) continue;
      units.insert(unit_of_[i]);
      processes.insert(h_.ops[i].process);
    }
    if (width >= Width::lists) add_longest_reads(units);
    const NameId key = finding_.key.empty() ? kNoName : h_.names.find(finding_.key);
    for (std::uint32_t i = 0; i < h_.ops.size() && width >= Width::processes; ++i) {
      const HistoryOp& op = h_.ops[i];
      const bool moves = op.function != OpFunction::send && op.function != OpFunction::poll &&
                         op.function != OpFunction::txn && op.function != OpFunction::other;
      bool near = width == Width::all || (moves && processes.contains(op.process));
      for (const HistoryItem& item : h_.items_of(op))
        near |= width >= Width::key && item.key == key;
      if (near) units.insert(unit_of_[i]);
    }
    return {units.begin(), units.end()};
  }

  // Of every list that these operations touch.
  void add_longest_reads(std::set<std::uint32_t>& units) const {
    std::map<NameId, std::pair<std::size_t, std::uint32_t>> longest;  // length, unit
    const auto for_lists = [&](auto what) {
      for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
        for (const HistoryItem& item : h_.items_of(h_.ops[i])) {
          if (item.kind == ItemKind::append || item.kind == ItemKind::read_list) what(i, item);
        }
      }
    };
    for_lists([&](std::uint32_t i, const HistoryItem& item) {
      if (units.contains(unit_of_[i])) longest.try_emplace(item.key, 0, unit_of_[i]);
    });
    for_lists([&](std::uint32_t i, const HistoryItem& item) {
      const auto it = longest.find(item.key);
      if (it == longest.end() || h_.list_of(item).size() <= it->second.first) return;
      it->second = {h_.list_of(item).size(), unit_of_[i]};
    });
    for (const auto& [key, read] : longest) units.insert(read.second);
  }

  [[nodiscard]] std::string text_of(const std::vector<std::uint32_t>& units) const {
    std::vector<std::uint32_t> ops;
    for (const std::uint32_t unit : units) {
      ops.insert(ops.end(), units_[unit].begin(), units_[unit].end());
    }
    std::sort(ops.begin(), ops.end());
    std::string text = lines_.front();
    for (const std::uint32_t op : ops) text += lines_[op + 1];
    if (h_.complete) text += "{\"end\":true,\"operations\":" + std::to_string(units.size()) + "}\n";
    return text;
  }

  bool shows(const std::vector<std::uint32_t>& units) {
    ++tries_;
    lines_tried_ += units.size();
    auto read = read_history(text_of(units), "witness");
    if (!std::holds_alternative<History>(read)) return false;
    const Findings found = find(std::get<History>(read));
    for (const auto* list : {&found.findings, &found.notes}) {
      for (const Finding& f : *list) {
        if (!same(f)) continue;
        shown_ = f;
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] bool same(const Finding& f) const {
    if (f.kind != finding_.kind || f.key != finding_.key) return false;
    return operations_of(f) == named_ || f.field("cycle") != nullptr;
  }

  // Halves, quarters and so on at a time, in the end one by one.
  bool shrink(std::vector<std::uint32_t>& kept) {
    std::size_t chunk = std::max<std::size_t>(1, kept.size() / 2);
    while (true) {
      bool removed = false;
      for (std::size_t at = 0; at < kept.size();) {
        if (tries_ > kMaxTries || lines_tried_ > kMaxLinesTried) return false;
        const std::size_t end = std::min(kept.size(), at + chunk);
        std::vector<std::uint32_t> fewer(kept.begin(),
                                         kept.begin() + static_cast<std::ptrdiff_t>(at));
        fewer.insert(fewer.end(), kept.begin() + static_cast<std::ptrdiff_t>(end), kept.end());
        if (shows(fewer)) {
          kept = std::move(fewer);
          removed = true;
        } else {
          at = end;
        }
      }
      if (chunk == 1 && !removed) return true;
      if (!removed || chunk > kept.size()) chunk = std::max<std::size_t>(1, chunk / 2);
    }
  }

  const History& h_;
  const Finding& finding_;
  std::vector<std::int64_t> named_;
  Finding shown_{finding_};         // as the smallest history so far shows it
  std::vector<std::string> lines_;  // the header first
  std::vector<std::vector<std::uint32_t>> units_;
  std::vector<std::uint32_t> unit_of_;
  std::size_t tries_ = 0;
  std::size_t lines_tried_ = 0;
};

}  // namespace

std::vector<std::int64_t> operations_of(const Finding& finding) {
  static constexpr std::string_view kFields[] = {"op",     "ops",   "writer", "reader", "max_read",
                                                 "commit", "cycle", "txns",   "log"};
  std::vector<std::int64_t> out;
  for (const FindingField& field : finding.fields) {
    if (std::find(std::begin(kFields), std::end(kFields), field.name) == std::end(kFields))
      continue;
    if (const auto* number = std::get_if<std::int64_t>(&field.value)) out.push_back(*number);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&field.value)) {
      out.insert(out.end(), list->begin(), list->end());
    }
    const auto* datum = std::get_if<Datum>(&field.value);
    JsonTape tape;
    if (datum == nullptr || !tape.parse(datum->json) || !JsonValue(tape, 0).is(JsonType::array)) {
      continue;
    }
    for (const JsonValue v : JsonValue(tape, 0)) {
      if (v.is(JsonType::integer)) out.push_back(v.node().integer);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Witness witness_of(const History& history, const Finding& finding) {
  return Shrinker(history, finding).run();
}

}  // namespace weir
