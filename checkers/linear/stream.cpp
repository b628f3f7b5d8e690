// Streams: append, read and check_tail of one log, linearizable.
//
// A state is the content and the tail. Contents are nodes of a tree of records, so that equal
// contents are one number and reading compares numbers; `num_records` lets a batch count for more
// records than it lists.
#include <map>
#include <unordered_map>

#include "checkers/flat_map.h"
#include "checkers/history_parse.h"
#include "checkers/linear/linearize.h"
#include "checkers/linear/objects.h"

namespace weir::analysis {
namespace {

struct StreamOp {
  enum class Action : std::uint8_t { append, read, check_tail } action{};
  std::vector<std::uint32_t> records = {};  // of an append, by number
  std::int64_t count = 0;                   // of records that it appends
  std::int64_t expected = kNoOffset;        // the tail that an append demands
  std::int64_t tail = kNoOffset;            // as its completion told it
  std::uint32_t content = 0;                // of a read
  bool shows_content = false;
};

class StreamModel : public LinearModel {
 public:
  StreamModel() { states_.push_back({0, 0}); }

  std::vector<StreamOp> ops;

  [[nodiscard]] std::uint32_t grow(std::uint32_t content, std::uint32_t record) {
    return children_.try_emplace(pair_key(content, record), ++contents_);
  }

  [[nodiscard]] std::uint64_t initial() const override { return 0; }
  [[nodiscard]] std::optional<std::uint64_t> step(std::uint64_t id, std::uint32_t input) override {
    const StreamOp& o = ops[input];
    const State state = states_[id];
    if (o.action != StreamOp::Action::append) {
      if (o.tail != kNoOffset && o.tail != state.tail) return std::nullopt;
      if (o.shows_content && o.content != state.content) return std::nullopt;
      return id;
    }
    if (o.expected != kNoOffset && o.expected != state.tail) return std::nullopt;
    if (o.count > kMaxOffset - state.tail) return std::nullopt;
    State after{state.content, state.tail + o.count};
    if (o.tail != kNoOffset && o.tail != after.tail) return std::nullopt;
    for (const std::uint32_t record : o.records) after.content = grow(after.content, record);
    const auto [it, fresh] = ids_.try_emplace(std::pair(after.content, after.tail), states_.size());
    if (fresh) states_.push_back(after);
    return it->second;
  }
  [[nodiscard]] bool pure(std::uint32_t input) const override {
    return ops[input].action != StreamOp::Action::append;
  }
  [[nodiscard]] std::int64_t tail_of(std::uint64_t state) const { return states_[state].tail; }

 private:
  struct State {
    std::uint32_t content;
    std::int64_t tail;
  };
  FlatMap children_;
  std::uint32_t contents_ = 0;
  std::vector<State> states_;
  std::map<std::pair<std::uint32_t, std::int64_t>, std::uint64_t> ids_;
};

struct Stream {
  const History& h;
  Report& report;
  StreamModel model = {};
  std::vector<LinearOp> ops = {};
  std::map<std::string, std::uint32_t> records = {};
  std::map<std::string, std::uint32_t> classes = {};
  JsonTape tape = {};

  [[nodiscard]] std::optional<JsonValue> value_of(std::uint32_t op) {
    if (op == kNoOperation || h.ops[op].text == kNoName || !tape.parse(h.name(h.ops[op].text))) {
      return std::nullopt;
    }
    return JsonValue(tape, 0);
  }

  static std::int64_t integer(const JsonValue& object, std::string_view name) {
    const auto found = HistoryParser::find(object, name);
    return found && found->is(JsonType::integer) && found->node().integer >= 0
               ? found->node().integer
               : kNoOffset;
  }

  std::vector<std::uint32_t> numbered(const JsonValue& object) {
    std::vector<std::uint32_t> out;
    const auto list = HistoryParser::find(object, "records");
    if (!list || !list->is(JsonType::array)) return out;
    for (const JsonValue v : *list) {
      std::string json;
      append_json(json, v);
      const auto fresh = static_cast<std::uint32_t>(records.size());
      out.push_back(records.try_emplace(std::move(json), fresh).first->second);
    }
    return out;
  }

  void add(std::uint32_t i, std::uint32_t done) {
    const std::string_view f = h.name(h.ops[i].name);
    const OpType end = done == kNoOperation ? OpType::info : h.ops[done].type;
    if (end == OpType::fail) return;
    StreamOp o;
    std::uint32_t same = 0;
    if (f == "append") {
      const auto asked = value_of(i);
      if (!asked) return;
      o.records = numbered(*asked);
      o.count = static_cast<std::int64_t>(o.records.size());
      if (const std::int64_t n = integer(*asked, "num_records"); n != kNoOffset) o.count = n;
      o.expected = integer(*asked, "match_seq_num");
      const auto fresh = static_cast<std::uint32_t>(classes.size());
      same = classes.try_emplace(std::string(h.name(h.ops[i].text)), fresh).first->second;
      if (end == OpType::ok) {
        if (const auto told = value_of(done)) o.tail = integer(*told, "tail");
      }
    } else if (f == "read" || f == "check_tail") {
      if (end != OpType::ok) return;
      o.action = f == "read" ? StreamOp::Action::read : StreamOp::Action::check_tail;
      const auto told = value_of(done);
      if (!told) return;
      o.tail = integer(*told, "tail");
      o.shows_content = f == "read" && HistoryParser::find(*told, "records").has_value();
      for (const std::uint32_t record : numbered(*told)) o.content = model.grow(o.content, record);
    } else {
      return;
    }
    const auto input = static_cast<std::uint32_t>(model.ops.size());
    model.ops.push_back(std::move(o));
    ops.push_back(
        {i, end == OpType::ok ? done : kNever, input, same, done == kNoOperation ? i : done});
  }

  void judge() {
    const LinearResult found = linearize(ops, model);
    if (found.gave_up) {
      report.unknown("whether the stream is linearizable (too many operations at once)");
    }
    for (const LinearBreach& b : found.breaches) {
      const std::uint32_t op = ops[b.op].op;
      if (!report.room(FindingKind::not_linearizable)) return;
      FindingBuilder f(h, FindingKind::not_linearizable);
      f.with_op("op", op).with("tail", model.tail_of(b.state));
      f.because(op_text(h, op) + " (" + std::string(h.name(h.ops[op].name)) +
                ") fits into no order of the operations before it; one that goes as far as it can "
                "leaves the tail at " +
                std::to_string(model.tail_of(b.state)));
      report.add(f);
    }
  }
};

}  // namespace

void check_stream(const History& history, Report& report) {
  Stream stream{history, report};
  const std::vector<std::uint32_t> partner = pair_operations(history);
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (op.type == OpType::invoke && op.name != kNoName) stream.add(i, partner[i]);
  }
  stream.judge();
}

}  // namespace weir::analysis
