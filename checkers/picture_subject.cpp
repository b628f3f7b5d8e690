// What the picture of a finding is about, read off the finding's particulars; bands of faults.
#include "checkers/picture_subject.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "checkers/history_parse.h"

namespace weir {
namespace {

constexpr std::string_view kValueFields[] = {"value",   "values",  "skipped",
                                             "visible", "missing", "duplicates"};
constexpr std::string_view kOffsetFields[] = {
    "offset", "offsets", "acked", "polled",   "expected", "got", "committed",
    "first",  "from",    "to",    "position", "lso",      "hw"};
constexpr std::string_view kKeyFields[] = {"sent_to", "read_from"};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// All that is no list, within lists and objects; keys of objects too.
void collect_scalars(JsonValue value, std::set<std::string>& out) {
  if (!value.is(JsonType::array) && !value.is(JsonType::object)) {
    std::string json;
    append_json(json, value);
    out.insert(json);
    return;
  }
  for (const JsonValue v : value) collect_scalars(v, out);
}

// [["ww", key, value, value], ["realtime", operation, operation] ...]
void collect_steps(JsonValue steps, std::set<std::string>& out) {
  if (!steps.is(JsonType::array)) return;
  for (const JsonValue step : steps) {
    if (!step.is(JsonType::array)) continue;
    std::size_t n = 0;
    bool depends = false;
    for (const JsonValue part : step) {
      if (n == 0) {
        depends = part.is(JsonType::text) && part.node().text.size() == 2;
      } else if (n > 1 && depends) {
        collect_scalars(part, out);
      }
      ++n;
    }
  }
}

// [key, offset], or a list of such.
void collect_inputs(JsonValue inputs, PictureSubject& subject) {
  if (!inputs.is(JsonType::array)) return;
  for (const JsonValue part : inputs) {
    if (part.is(JsonType::integer)) subject.offsets.insert(part.node().integer);
    collect_inputs(part, subject);
  }
}

}  // namespace

PictureSubject::PictureSubject(const Finding& finding) {
  if (!finding.key.empty()) keys.insert(finding.key);
  for (const FindingField& field : finding.fields) {
    std::vector<Datum> data;
    if (const auto* one = std::get_if<Datum>(&field.value)) data.push_back(*one);
    if (const auto* list = std::get_if<std::vector<Datum>>(&field.value)) data = *list;
    std::vector<std::int64_t> numbers;
    if (const auto* one = std::get_if<std::int64_t>(&field.value)) numbers.push_back(*one);
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&field.value)) numbers = *list;
    if (is_one_of(field.name, kOffsetFields)) offsets.insert(numbers.begin(), numbers.end());
    for (const Datum& datum : data) {
      JsonTape tape;
      if (!tape.parse(datum.json)) continue;
      const JsonValue value(tape, 0);
      if (is_one_of(field.name, kValueFields)) collect_scalars(value, values);
      if (field.name == "steps") collect_steps(value, values);
      if (field.name.starts_with("input")) collect_inputs(value, *this);
      if (is_one_of(field.name, kKeyFields)) keys.insert(datum.text);
    }
  }
}

ObjectPlace object_place(std::string_view json) {
  JsonTape tape;
  ObjectPlace out;
  if (!tape.parse(json)) return out;
  JsonValue value(tape, 0);
  if (value.is(JsonType::object)) {
    const auto tail = HistoryParser::find(value, "tail");
    if (!tail || !tail->is(JsonType::integer)) return out;
    out.tail = tail->node().integer;
    value = *tail;
  } else if (value.is(JsonType::array)) {
    // A compare-and-set puts the second.
    for (const JsonValue part : value) {
      out.value.clear();
      append_json(out.value, part);
    }
    return out;
  }
  if (!value.is(JsonType::null)) append_json(out.value, value);
  return out;
}

namespace {

// "kill b2 (follower blinks)", and whether it begins, ends or is of a moment.
struct FaultLine {
  std::string label;
  std::string phase;
};

FaultLine fault_line(const History& h, const HistoryOp& op) {
  FaultLine out;
  JsonTape tape;
  if (op.text != kNoName && tape.parse(h.name(op.text))) {
    const auto text = [&](std::string_view member) {
      const auto found = HistoryParser::find(JsonValue(tape, 0), member);
      return found && found->is(JsonType::text) ? std::string(found->node().text) : std::string();
    };
    out.label = text("kind");
    if (const std::string node = text("node"); !node.empty()) out.label += " " + node;
    if (const std::string name = text("label"); !name.empty()) out.label += " (" + name + ")";
    out.phase = text("phase");
  }
  if (out.label.empty()) out.label = "fault";
  return out;
}

// What changes the system, beside faults. Owners and positions are rows where they matter.
bool is_change(const History& h, const HistoryOp& op) {
  static constexpr std::string_view kNames[] = {"leader_failover", "member_removed",
                                                "offsets_expired"};
  return op.type == OpType::event &&
         (op.function == OpFunction::topic_recreated || op.function == OpFunction::compaction ||
          (op.function == OpFunction::other && op.name != kNoName &&
           is_one_of(h.name(op.name), kNames)));
}

class BandMaker {
 public:
  BandMaker(const History& whole, const std::vector<PictureRow>& rows) : h_(whole) {
    for (const PictureRow& row : rows) indexes_.push_back(row.index);
    std::sort(indexes_.begin(), indexes_.end());
  }

  std::vector<PictureBand> make() {
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      const HistoryOp& op = h_.ops[i];
      const std::int64_t index = h_.index_of(i);
      if (op.type != OpType::event) continue;
      if (std::binary_search(indexes_.begin(), indexes_.end(), index)) continue;
      if (op.function == OpFunction::fault) {
        fault(index, fault_line(h_, op));
      } else if (is_change(h_, op)) {
        band(index, index,
             std::string(op.name != kNoName ? h_.name(op.name) : name_of(op.function)));
      }
    }
    for (const auto& [label, since] : open_) band(since, indexes_.back() + 1, label);
    std::sort(out_.begin(), out_.end(), [](const PictureBand& a, const PictureBand& b) {
      return std::tie(a.from_row, a.to_row, a.label) < std::tie(b.from_row, b.to_row, b.label);
    });
    return std::move(out_);
  }

 private:
  void fault(std::int64_t index, const FaultLine& line) {
    if (line.label == "healed") {
      for (const auto& [label, since] : open_) band(since, index, label);
      open_.clear();
    } else if (line.phase == "begins") {
      open_.try_emplace(line.label, index);
    } else if (line.phase == "ends") {
      const auto it = open_.find(line.label);
      band(it == open_.end() ? index : it->second, index, line.label);
      if (it != open_.end()) open_.erase(it);
    } else if (line.phase.empty()) {
      band(index, index, line.label);
    }
  }

  void band(std::int64_t from, std::int64_t to, const std::string& label) {
    if (to < indexes_.front() || from > indexes_.back()) return;
    const auto row = [&](std::int64_t index) {
      return static_cast<std::size_t>(std::lower_bound(indexes_.begin(), indexes_.end(), index) -
                                      indexes_.begin());
    };
    out_.push_back({row(from), row(to), label});
  }

  const History& h_;
  std::vector<std::int64_t> indexes_;
  std::map<std::string, std::int64_t> open_;  // label -> since which line
  std::vector<PictureBand> out_;
};

}  // namespace

std::vector<PictureBand> bands_of(const History& whole, const std::vector<PictureRow>& rows,
                                  std::size_t limit, std::size_t& left_out) {
  if (rows.empty()) return {};
  std::vector<PictureBand> bands = BandMaker(whole, rows).make();
  if (bands.size() > limit) {
    left_out = bands.size() - limit;
    bands.erase(bands.begin(), bands.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return bands;
}

}  // namespace weir
