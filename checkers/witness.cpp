// The smallest history that still shows a finding.
//
// It begins with the operations that the finding names and grows until the finding is found again:
// by the longest reads of the lists that they touch (they alone tell the order of elements), by who
// else sent or read what it speaks of, by what their processes did with subscriptions, positions
// and transactions, by more and more of what happened to the key around them, by everything. Then
// operations are taken away, in the end one by one. A smaller history counts only when the finding
// is about the same operations, so that no cause is cut out from under it. Of the records that
// these operations sent and read those stay of which the finding speaks. Where what was left out
// would be found missing now (a record that nobody sent, because its sender is gone), it comes
// back: nothing is found in the witness that is not found in the whole.
//
// What it may cost is counted in operations judged, not in time: the same history has the same
// witness everywhere, and one of a million operations has it nearly as fast as one of a thousand.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "checkers/checkers.h"
#include "checkers/explain.h"
#include "checkers/history_json.h"
#include "checkers/json_tape.h"
#include "checkers/witness_records.h"

namespace weir {
namespace {

// How many operations are read and judged, in all tries together; a try costs a few by itself.
constexpr std::size_t kMaxJudgedOperations = 1'000'000;
constexpr std::size_t kCostOfATry = 10;

// An invocation and its completion, or one that stands alone.
struct Unit {
  std::array<std::uint32_t, 2> first_last;

  [[nodiscard]] std::span<const std::uint32_t> ops() const {
    return {first_last.data(), first_last[0] == first_last[1] ? std::size_t{1} : 2};
  }
};

class Shrinker {
 public:
  using Units = std::vector<std::uint32_t>;

  Shrinker(const History& history, const Findings& whole, const Finding& finding)
      : h_(history),
        finding_(finding),
        named_(operations_of(finding)),
        key_(finding.key.empty() ? kNoName : history.names.find(finding.key)),
        header_(write_header(history)),
        unit_of_(history.ops.size(), 0) {
    const std::vector<std::uint32_t> partner = pair_operations(history);
    units_.reserve(history.ops.size());
    for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
      const bool completes = partner[i] != kNoOperation && partner[i] < i;
      if (completes) {
        unit_of_[i] = unit_of_[partner[i]];
        continue;
      }
      unit_of_[i] = static_cast<std::uint32_t>(units_.size());
      units_.push_back({{i, partner[i] == kNoOperation ? i : partner[i]}});
    }
    for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
      if (std::binary_search(named_.begin(), named_.end(), history.index_of(i))) {
        named_units_.insert(unit_of_[i]);
      }
      const auto items = history.items_of(history.ops[i]);
      const bool near =
          std::ranges::any_of(items, [this](const HistoryItem& item) { return item.key == key_; });
      if (near && key_ != kNoName) of_key_.push_back(unit_of_[i]);
    }
    for (const Finding& f : whole.findings) known_.insert(identity_of(f));
    std::ranges::sort(of_key_);
    of_key_.erase(std::ranges::unique(of_key_).begin(), of_key_.end());
  }

  Witness run() {
    Witness out;
    out.of = static_cast<std::int64_t>(units_.size());
    Units kept;
    const bool shown = grow(kept);
    if (shown) {
      out.minimal = shrink(kept) && settle_truth(kept);
      narrow(kept);
      out.minimal &= clean(kept);
    } else {
      kept.assign(named_units_.begin(), named_units_.end());
    }
    out.operations = static_cast<std::int64_t>(kept.size());
    out.text = text_of(kept);
    out.finding = shown_;
    return out;
  }

 private:
  // From the operations that the finding names to all, until it is found again.
  bool grow(Units& kept) {
    constexpr std::size_t kNearest = 32;
    std::set<std::uint32_t> units = named_units_;
    const auto shown = [&] {
      if (kept.size() == units.size() && !kept.empty()) return false;  // no more than before
      kept.assign(units.begin(), units.end());
      tell_truth_of(kept);
      return affords(kept) && shows(kept);
    };
    if (shown()) return true;
    add_longest_reads(units);
    if (shown()) return true;
    add_named_values(units);
    if (shown()) return true;
    add_moves(named_units_, units);
    if (shown()) return true;
    for (std::size_t reach = kNearest; reach < of_key_.size(); reach *= 4) {
      add_nearest(units, reach);
      if (shown()) return true;
    }
    units.insert(of_key_.begin(), of_key_.end());
    if (shown()) return true;
    for (std::uint32_t unit = 0; unit < units_.size(); ++unit) units.insert(unit);
    return shown();
  }

  // To the records of which the finding speaks, or those and how far each operation read; to the
  // elements that these operations appended, or those and what tells their lists apart.
  void narrow(const Units& kept) {
    const bool lists = h_.family == "list-append";
    if (h_.family != "log" && !lists) return;
    const std::vector<std::uint32_t> ops = ops_of(kept);
    RecordSet records = records_named(h_, ops, named_values(finding_));
    if (lists) add_appended(h_, ops, records);
    if (narrowed_to(kept, records)) return;
    lists ? add_telling_elements(h_, ops, records) : add_farthest(h_, ops, key_, records);
    if (!narrowed_to(kept, records)) widen(kept);
  }

  bool narrowed_to(const Units& kept, const RecordSet& records) {
    if (!affords(kept)) return false;
    only_ = records;
    narrowed_ = true;
    lines_.clear();
    if (!truth_.empty()) tell_truth_of(kept);
    return shows(kept);
  }

  void widen(const Units& kept) {
    narrowed_ = false;
    lines_.clear();
    if (!truth_.empty()) tell_truth_of(kept);
  }

  // Until nothing is found in it that is not found in the whole; where that fails for the records
  // that were left out, with those.
  bool clean(Units& kept) {
    const Units before = kept;
    if (cleaned(kept)) return true;
    kept = before;
    if (!narrowed_) return false;
    widen(kept);
    if (cleaned(kept)) return true;
    kept = before;
    return false;
  }

  bool cleaned(Units& kept) {
    constexpr std::size_t kMostOperations = 64;
    const std::size_t most = std::max(kMostOperations, 2 * kept.size());
    for (int stage = 0; kept.size() <= most && affords(kept);) {
      const bool shown = shows(kept);
      if (shown && foreign_.empty()) {
        strict_ = true;
        const bool smallest = shrink(kept);
        strict_ = false;
        return smallest;
      }
      const std::size_t before = kept.size();
      if (shown) explain_foreign(kept);
      if (kept.size() == before && !add_around(kept, stage++)) return false;
    }
    return false;
  }

  // More and more of what happened around these operations; false: there is nothing more.
  bool add_around(Units& kept, int stage) const {
    constexpr std::size_t kNear = 16;
    std::set<std::uint32_t> units(kept.begin(), kept.end());
    if (stage == 0) add_moves(kept, units);
    if (stage == 1) add_nearest(units, kNear);
    if (stage == 2) units.insert(of_key_.begin(), of_key_.end());
    for (std::uint32_t unit = 0; stage == 3 && unit < units_.size(); ++unit) units.insert(unit);
    kept.assign(units.begin(), units.end());
    return stage <= 3;
  }

  // Who sent and who read the records of which foreign findings speak; where nothing was found
  // but emptiness, some record that was acknowledged.
  void explain_foreign(Units& kept) {
    std::set<std::string> unsent, unread;
    bool empty = false;
    for (const Finding& f : foreign_) {
      const bool absent = f.kind == FindingKind::unseen || f.kind == FindingKind::lost_write;
      if (!absent) unsent.merge(named_values(f));
      if (f.kind != FindingKind::garbage_read) unread.merge(named_values(f));
      empty |= f.kind == FindingKind::vacuous_history;
    }
    const std::vector<std::uint32_t> ops = ops_of(kept);
    RecordSet send = records_named(h_, ops, unsent);
    const RecordSet read = records_named(h_, ops, unread);
    if (empty) send.insert(some_acknowledged());
    std::set<std::uint32_t> units(kept.begin(), kept.end());
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      for (const HistoryItem& item : h_.items_of(h_.ops[i])) {
        const bool sends = item.kind == ItemKind::send || item.kind == ItemKind::append;
        const bool reads = item.kind == ItemKind::record && read.contains({item.key, item.value});
        if ((sends && send.contains({item.key, item.value})) || reads) units.insert(unit_of_[i]);
      }
    }
    kept.assign(units.begin(), units.end());
    only_.merge(send);
    lines_.clear();
    if (!truth_.empty()) tell_truth_of(kept);
  }

  // If there is one, of the same key.
  [[nodiscard]] std::pair<NameId, ValueId> some_acknowledged() const {
    std::pair some(kNoName, kNoValue);
    for (const HistoryOp& op : h_.ops) {
      if (op.type != OpType::ok || op.function != OpFunction::send) continue;
      for (const HistoryItem& item : h_.items_of(op)) {
        if (item.kind != ItemKind::send) continue;
        if (item.key == key_) return {item.key, item.value};
        if (some.first == kNoName) some = {item.key, item.value};
      }
    }
    return some;
  }

  // Which finding it is, in a smaller history, too.
  [[nodiscard]] static std::string identity_of(const Finding& f) {
    const FieldValue* value = f.field("value");
    const auto* datum = value == nullptr ? nullptr : std::get_if<Datum>(value);
    return std::string(name_of(f.kind)) + " " + f.key + " " + (datum ? datum->json : "");
  }

  // What the processes of these operations did with subscriptions, positions and transactions.
  template <class Of>
  void add_moves(const Of& of, std::set<std::uint32_t>& units) const {
    std::set<std::int64_t> processes;
    for (const std::uint32_t unit : of) {
      for (const std::uint32_t op : units_[unit].ops()) processes.insert(h_.ops[op].process);
    }
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      const HistoryOp& op = h_.ops[i];
      const bool moves = op.function != OpFunction::send && op.function != OpFunction::poll &&
                         op.function != OpFunction::txn && op.function != OpFunction::other;
      if (moves && processes.contains(op.process)) units.insert(unit_of_[i]);
    }
  }

  // The operations on the key that come just before and behind those that the finding names.
  void add_nearest(std::set<std::uint32_t>& units, std::size_t reach) const {
    for (const std::uint32_t unit : named_units_) {
      const auto at =
          static_cast<std::size_t>(std::ranges::lower_bound(of_key_, unit) - of_key_.begin());
      const std::size_t end = std::min(of_key_.size(), at + reach);
      for (std::size_t i = at - std::min(at, reach); i < end; ++i) units.insert(of_key_[i]);
    }
  }

  // Whoever sent or read what the finding speaks of.
  void add_named_values(std::set<std::uint32_t>& units) const {
    const std::set<std::string> values = named_values(finding_);
    for (const std::uint32_t unit : of_key_) {
      for (const std::uint32_t op : units_[unit].ops()) {
        for (const HistoryItem& item : h_.items_of(h_.ops[op])) {
          const bool here = item.key == key_ && item.value != kNoValue;
          if (here && values.contains(datum_of(h_, item.value).json)) units.insert(unit);
        }
      }
    }
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

  // Of what a run read back, the records of these operations.
  void tell_truth_of(const Units& units) {
    if (!h_.truth) return;
    std::set<ValueId> values;
    for (const std::uint32_t op : ops_of(units)) {
      for (const HistoryItem& item : h_.items_of(h_.ops[op])) {
        const bool kept = !narrowed_ || only_.contains({item.key, item.value});
        if (kept) values.insert(item.value);
      }
    }
    truth_ = write_truth(h_, &values);
  }

  // As little of the truth as shows it; whether that is little.
  bool settle_truth(const Units& kept) {
    if (truth_.empty()) return true;
    std::string before = std::exchange(truth_, std::string());
    if (affords(kept) && shows(kept)) return true;
    tell_truth_of(kept);
    if (affords(kept) && shows(kept)) return true;
    truth_ = std::move(before);
    return false;
  }

  [[nodiscard]] std::vector<std::uint32_t> ops_of(const Units& units) const {
    std::vector<std::uint32_t> ops;
    for (const std::uint32_t unit : units) {
      const auto both = units_[unit].ops();
      ops.insert(ops.end(), both.begin(), both.end());
    }
    std::sort(ops.begin(), ops.end());
    return ops;
  }

  [[nodiscard]] std::string text_of(const Units& units) {
    const std::vector<std::uint32_t> ops = ops_of(units);
    std::string text = header_;
    for (const std::uint32_t op : ops) {
      std::string& line = lines_[op];
      if (line.empty()) line = write_operation(h_, op, narrowed_ ? &only_ : nullptr);
      text += line;
    }
    text += truth_;
    if (h_.complete) text += "{\"end\":true,\"operations\":" + std::to_string(units.size()) + "}\n";
    return text;
  }

  [[nodiscard]] bool affords(const Units& units) const {
    return judged_ + units.size() + kCostOfATry <= kMaxJudgedOperations;
  }

  bool shows(const Units& units) {
    judged_ += units.size() + kCostOfATry;
    auto read = read_history(text_of(units), "witness");
    if (!std::holds_alternative<History>(read)) return false;
    const Findings found = find(std::get<History>(read));
    foreign_.clear();
    for (const Finding& f : found.findings) {
      if (!same(f) && !known_.contains(identity_of(f))) foreign_.push_back(f);
    }
    if (strict_ && !foreign_.empty()) return false;
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
  bool shrink(Units& kept) {
    std::size_t chunk = std::max<std::size_t>(1, kept.size() / 2);
    while (true) {
      bool removed = false;
      for (std::size_t at = 0; at < kept.size();) {
        const std::size_t end = std::min(kept.size(), at + chunk);
        Units fewer(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(at));
        fewer.insert(fewer.end(), kept.begin() + static_cast<std::ptrdiff_t>(end), kept.end());
        if (!affords(fewer)) return false;
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
  NameId key_;
  std::string header_;
  std::map<std::uint32_t, std::string> lines_;  // of operations, as they are needed
  std::string truth_;
  Finding shown_{finding_};  // as the smallest history so far shows it
  std::vector<Unit> units_;
  std::vector<std::uint32_t> unit_of_;
  std::set<std::uint32_t> named_units_;
  Units of_key_;  // ascending
  std::size_t judged_ = 0;
  bool narrowed_ = false;
  RecordSet only_;                // the records that stay, where narrowed
  std::set<std::string> known_;   // findings of the whole
  std::vector<Finding> foreign_;  // of the last try, those that the whole does not have
  bool strict_ = false;           // none may be
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

Witness witness_of(const History& history, const Findings& whole, const Finding& finding) {
  return Shrinker(history, whole, finding).run();
}

}  // namespace weir
