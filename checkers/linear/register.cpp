// Registers: from operations to the model, and what never returned but must have happened.
#include <algorithm>
#include <map>
#include <set>

#include "checkers/history_parse.h"
#include "checkers/linear/linearize.h"
#include "checkers/linear/objects.h"

namespace weir::analysis {
namespace {

class RegisterModel : public LinearModel, public LinearResume {
 public:
  RegisterModel(const std::vector<RegisterOp>& ops, std::int64_t initial, bool go_on)
      : ops_(ops), initial_(initial), go_on_(go_on) {}

  [[nodiscard]] std::uint64_t initial() const override {
    return static_cast<std::uint64_t>(initial_);
  }
  [[nodiscard]] std::optional<std::uint64_t> step(std::uint64_t state,
                                                  std::uint32_t input) override {
    const RegisterOp& o = ops_[input];
    const auto held = static_cast<std::int64_t>(state);
    bool allowed = true;
    switch (o.action) {
      case RegisterAction::put: return static_cast<std::uint64_t>(o.value);
      case RegisterAction::cas:
        if (held == o.old) return static_cast<std::uint64_t>(o.value);
        return std::nullopt;
      case RegisterAction::get: allowed = held == o.value; break;
      case RegisterAction::cas_failed: allowed = held != o.old; break;
    }
    return allowed ? std::optional(state) : std::nullopt;
  }
  [[nodiscard]] bool pure(std::uint32_t input) const override {
    return ops_[input].action == RegisterAction::get ||
           ops_[input].action == RegisterAction::cas_failed;
  }
  [[nodiscard]] std::optional<std::uint64_t> after(const LinearBreach& breach) override {
    const RegisterOp& o = ops_[breach.op];
    if (!go_on_ || o.action != RegisterAction::get) return std::nullopt;
    return static_cast<std::uint64_t>(o.value);
  }

 private:
  const std::vector<RegisterOp>& ops_;
  std::int64_t initial_;
  bool go_on_;
};

// A put that never returned and whose value nobody else writes has happened before the first read
// of it returned, or is of no consequence.
void settle_unknown(std::vector<RegisterOp>& ops, std::int64_t initial) {
  std::map<std::int64_t, std::uint32_t> writers, first_seen;
  bool compared = false;
  for (const RegisterOp& o : ops) {
    if (o.action == RegisterAction::put || o.action == RegisterAction::cas) ++writers[o.value];
    compared |= o.action == RegisterAction::cas || o.action == RegisterAction::cas_failed;
    if (o.action != RegisterAction::get) continue;
    const auto [it, fresh] = first_seen.try_emplace(o.value, o.returned);
    if (!fresh) it->second = std::min(it->second, o.returned);
  }
  if (compared) return;
  std::erase_if(ops, [&](const RegisterOp& o) {
    return o.action == RegisterAction::put && o.returned == kNever && !first_seen.contains(o.value);
  });
  for (RegisterOp& o : ops) {
    if (o.action != RegisterAction::put || o.returned != kNever) continue;
    if (writers[o.value] != 1 || o.value == initial) continue;
    // A read before the put began is the reader's fault, not a reason to end the put.
    if (first_seen[o.value] > o.invoked) o.returned = first_seen[o.value];
  }
}

struct ValueRegister {
  const History& h;
  std::map<std::string, std::int64_t> numbers = {};
  std::vector<RegisterOp> ops = {};

  std::int64_t number(const std::string& json) {
    return numbers.try_emplace(json, static_cast<std::int64_t>(numbers.size())).first->second;
  }

  [[nodiscard]] std::string json_of(std::uint32_t op) const {
    if (op == kNoOperation || h.ops[op].text == kNoName) return "null";
    return std::string(h.name(h.ops[op].text));
  }

  // Old and new of a compare-and-set.
  [[nodiscard]] bool pair_of(const std::string& json, std::string& first, std::string& second) {
    JsonTape tape;
    if (!tape.parse(json)) return false;
    const JsonValue root(tape, 0);
    if (!root.is(JsonType::array)) return false;
    std::vector<std::string> parts;
    for (const JsonValue v : root) append_json(parts.emplace_back(), v);
    if (parts.size() != 2) return false;
    first = parts[0];
    second = parts[1];
    return true;
  }

  void add(std::uint32_t i, std::uint32_t done) {
    const std::string_view f = h.name(h.ops[i].name);
    const OpType end = done == kNoOperation ? OpType::info : h.ops[done].type;
    RegisterOp o;
    o.invoked = i;
    o.op = done == kNoOperation ? i : done;
    if (end == OpType::ok || (end == OpType::fail && f == "cas")) o.returned = done;
    if (f == "put" || f == "write") {
      if (end == OpType::fail) return;
      o.action = RegisterAction::put;
      o.value = number(json_of(i));
    } else if (f == "get" || f == "read") {
      if (end != OpType::ok) return;
      o.action = RegisterAction::get;
      o.value = number(json_of(done));
    } else if (f == "cas") {
      std::string old, fresh;
      if (!pair_of(json_of(i), old, fresh)) return;
      std::string seen, unused;
      // Only a refusal with the pair says that the value was another; an error says nothing.
      const bool refused = end == OpType::fail;
      if (refused && json_of(done) != "null" && !pair_of(json_of(done), seen, unused)) return;
      o.action = refused ? RegisterAction::cas_failed : RegisterAction::cas;
      o.old = number(old);
      o.value = number(fresh);
    } else {
      return;
    }
    ops.push_back(o);
  }

  [[nodiscard]] std::string text_of(std::int64_t n) const {
    for (const auto& [json, id] : numbers) {
      if (id == n) return json;
    }
    return "null";
  }
};

}  // namespace

RegisterResult check_register_ops(std::vector<RegisterOp> ops, std::int64_t initial, bool go_on) {
  settle_unknown(ops, initial);
  std::vector<LinearOp> linear;
  std::map<std::tuple<RegisterAction, std::int64_t, std::int64_t>, std::uint32_t> alike;
  for (std::uint32_t i = 0; i < ops.size(); ++i) {
    const RegisterOp& o = ops[i];
    const auto fresh = static_cast<std::uint32_t>(alike.size());
    const std::uint32_t same = alike.try_emplace({o.action, o.value, o.old}, fresh).first->second;
    linear.push_back({o.invoked, o.returned, i, same, o.op});
  }
  RegisterModel model(ops, initial, go_on);
  const LinearResult found = linearize(linear, model, &model);
  RegisterResult out;
  out.gave_up = found.gave_up;
  for (const LinearBreach& b : found.breaches) {
    out.breaches.push_back({ops[b.op].op, static_cast<std::int64_t>(b.state), ops[b.op].value});
  }
  return out;
}

void check_register(const History& history, Report& report) {
  ValueRegister r{history};
  const std::int64_t initial = r.number(history.config.initial);
  const std::vector<std::uint32_t> partner = pair_operations(history);
  for (std::uint32_t i = 0; i < history.ops.size(); ++i) {
    const HistoryOp& op = history.ops[i];
    if (op.type == OpType::invoke && op.name != kNoName) r.add(i, partner[i]);
  }
  const RegisterResult found = check_register_ops(r.ops, initial, false);
  if (found.gave_up)
    report.unknown("whether the register is linearizable (too many operations at once)");
  for (const RegisterBreach& b : found.breaches) {
    if (!report.room(FindingKind::not_linearizable)) return;
    FindingBuilder f(history, FindingKind::not_linearizable);
    f.with_op("op", b.op).with_json("value", r.json_of(b.op));
    f.because(op_text(history, b.op) + " (" + std::string(history.name(history.ops[b.op].name)) +
              " " + r.json_of(b.op) +
              ") fits into no order of the operations before it; one that goes as far as it can "
              "leaves the value " +
              r.text_of(b.held));
    report.add(f);
  }
}

}  // namespace weir::analysis
