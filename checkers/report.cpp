// Findings: names of kinds, fields, and the builder.
#include "checkers/report.h"

#include <algorithm>

#include "checkers/json_tape.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(FindingKind::count_)> kNames = {
    "lost-write",
    "unseen",
    "duplicate",
    "inconsistent-offsets",
    "ack-offset-mismatch",
    "garbage-read",
    "misrouted-record",
    "G1a",
    "future-read",
    "vanished-read",
    "poll-skip",
    "int-poll-skip",
    "nonmonotonic-poll",
    "int-nonmonotonic-poll",
    "nonmonotonic-send",
    "int-nonmonotonic-send",
    "int-send-skip",
    "realtime-append-order",
    "leader-epoch-regression",
    "offset-gap-unexplained",
    "staleness",
    "vacuous-history",
    "hw-regression",
    "stuck-lso",
    "dirty-read",
    "precommitted-read",
    "torn-txn",
    "zombie-write",
    "aborted-offset-commit",
    "G0",
    "G1b",
    "G1c",
    "G-single",
    "G-nonadjacent",
    "G2-item",
    "G0-process",
    "G1c-process",
    "G-single-process",
    "G-nonadjacent-process",
    "G2-item-process",
    "G0-realtime",
    "G1c-realtime",
    "G-single-realtime",
    "G-nonadjacent-realtime",
    "G2-item-realtime",
    "lost-update",
    "incompatible-order",
    "duplicate-elements",
    "dirty-update",
    "internal",
    "not-linearizable",
    "start-above-committed",
    "start-below-committed",
    "commit-ahead",
    "commit-regression",
    "zombie-commit",
    "unowned-poll",
    "overlapping-ownership",
    "orphan-partition",
    "rebalance-storm",
    "duplicate-processing",
    "missed-processing",
    "lag",
    "missed-by-retention",
    "redelivery",
    "unacknowledged-missing"};

}  // namespace

std::string_view name_of(FindingKind kind) {
  const auto i = static_cast<std::size_t>(kind);
  return i < kNames.size() ? kNames[i] : std::string_view("unknown");
}

FindingKind finding_kind_named(std::string_view name) {
  const auto it = std::find(kNames.begin(), kNames.end(), name);
  return static_cast<FindingKind>(it - kNames.begin());
}

const FieldValue* Finding::field(std::string_view name) const {
  for (const FindingField& f : fields) {
    if (f.name == name) return &f.value;
  }
  return nullptr;
}

std::int64_t Finding::integer(std::string_view name, std::int64_t otherwise) const {
  const FieldValue* value = field(name);
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? otherwise : *number;
}

namespace analysis {
namespace {

constexpr auto kMost = static_cast<std::int64_t>(kMaxFindingsPerKind);

}  // namespace

FindingBuilder::FindingBuilder(const History& history, FindingKind kind) : history_(history) {
  finding_.kind = kind;
}

FindingBuilder::FindingBuilder(const LogIndex& index, FindingKind kind, std::uint32_t log)
    : FindingBuilder(index.history, kind) {
  if (log != kNone) finding_.key = index.history.name(index.logs[log].key);
}

FindingBuilder& FindingBuilder::about(NameId key) {
  finding_.key = history_.name(key);
  return *this;
}

FindingBuilder& FindingBuilder::with(std::string name, std::int64_t value) {
  finding_.fields.push_back({std::move(name), value});
  return *this;
}

FindingBuilder& FindingBuilder::with_op(std::string name, std::uint32_t op) {
  if (op == kNoOperation) return *this;
  const std::int64_t event = history_.ops[op].sequence;
  if (event >= 0) finding_.events.push_back(event);
  return with(std::move(name), history_.index_of(op));
}

FindingBuilder& FindingBuilder::with_ops(std::vector<std::uint32_t> ops) {
  std::vector<std::int64_t> indexes;
  for (const std::uint32_t op : ops) {
    if (op == kNoOperation || indexes.size() == kMaxListed) continue;
    indexes.push_back(history_.index_of(op));
    const std::int64_t event = history_.ops[op].sequence;
    if (event >= 0) finding_.events.push_back(event);
  }
  return with_numbers("ops", std::move(indexes));
}

FindingBuilder& FindingBuilder::with_value(std::string name, ValueId value) {
  finding_.fields.push_back({std::move(name), datum_of(history_, value)});
  return *this;
}

FindingBuilder& FindingBuilder::with_values(std::string name, const std::vector<ValueId>& values) {
  std::vector<Datum> list;
  for (const ValueId value : values) {
    if (list.size() == kMaxListed) break;
    list.push_back(datum_of(history_, value));
  }
  finding_.fields.push_back({std::move(name), std::move(list)});
  return *this;
}

FindingBuilder& FindingBuilder::with_text(std::string name, std::string text) {
  Datum datum;
  append_json_string(datum.json, text);
  datum.text = std::move(text);
  finding_.fields.push_back({std::move(name), std::move(datum)});
  return *this;
}

FindingBuilder& FindingBuilder::with_numbers(std::string name, std::vector<std::int64_t> numbers) {
  if (numbers.size() > kMaxListed) numbers.resize(kMaxListed);
  finding_.fields.push_back({std::move(name), std::move(numbers)});
  return *this;
}

FindingBuilder& FindingBuilder::with_texts(std::string name,
                                           const std::vector<std::string>& texts) {
  std::vector<Datum> list;
  for (const std::string& text : texts) {
    Datum& datum = list.emplace_back();
    append_json_string(datum.json, text);
    datum.text = text;
  }
  finding_.fields.push_back({std::move(name), std::move(list)});
  return *this;
}

FindingBuilder& FindingBuilder::with_json(std::string name, std::string json) {
  finding_.fields.push_back({std::move(name), Datum{json, json}});
  return *this;
}

FindingBuilder& FindingBuilder::with_null(std::string name) {
  finding_.fields.push_back({std::move(name), Datum{"null", "null"}});
  return *this;
}

FindingBuilder& FindingBuilder::with_inputs(std::string name, const std::string& key,
                                            const std::vector<std::int64_t>& offsets) {
  std::vector<Datum> list;
  for (const std::int64_t offset : offsets) {
    if (list.size() == kMaxListed) break;
    std::string json = "[";
    append_json_string(json, key);
    json += "," + std::to_string(offset) + "]";
    list.push_back({json, key + "@" + std::to_string(offset)});
  }
  finding_.fields.push_back({std::move(name), std::move(list)});
  return *this;
}

FindingBuilder& FindingBuilder::because(std::string argument) {
  finding_.argument = std::move(argument);
  return *this;
}

bool Report::room(FindingKind kind) {
  if (++out_.found[static_cast<std::size_t>(kind)] <= kMost) return true;
  ++out_.suppressed;
  return false;
}

bool Report::room_for_note(FindingKind kind) {
  if (++out_.noted[static_cast<std::size_t>(kind)] <= kMost) return true;
  ++out_.suppressed;
  return false;
}

Findings Report::take() {
  // The order of kinds, and within a kind that in which they came (indices break the ties).
  const auto sort = [](std::vector<Finding>& list) {
    std::vector<std::vector<Finding>> by_kind(kKinds);
    for (Finding& f : list) by_kind[static_cast<std::size_t>(f.kind)].push_back(std::move(f));
    list.clear();
    for (auto& group : by_kind) {
      for (Finding& f : group) list.push_back(std::move(f));
    }
  };
  sort(out_.findings);
  sort(out_.notes);
  return std::move(out_);
}

std::string record_text(const LogIndex& index, std::uint32_t log, ValueId value) {
  return "record " + index.value_text(value).json + " of " +
         std::string(index.history.name(index.logs[log].key));
}

std::string op_text(const LogIndex& index, std::uint32_t op) { return op_text(index.history, op); }

std::string op_text(const History& history, std::uint32_t op) {
  if (op == kNoOperation) return "an operation that was not recorded";
  return "operation " + std::to_string(history.index_of(op));
}

}  // namespace analysis
}  // namespace weir
