// Writing Jepsen's history.edn: JSON values as EDN, and the operations that Jepsen knows.
#include <algorithm>
#include <ostream>

#include "checkers/edn/jepsen.h"
#include "checkers/json_tape.h"

namespace weir {
namespace {

void append_edn(std::string& out, JsonValue v) {
  switch (v.type()) {
    case JsonType::null: out += "nil"; return;
    case JsonType::boolean: out += v.node().truth ? "true" : "false"; return;
    case JsonType::integer: out += std::to_string(v.node().integer); return;
    case JsonType::number: out += v.node().text; return;
    case JsonType::text: append_json_string(out, v.node().text); return;
    case JsonType::array:
    case JsonType::object: break;
  }
  const bool list = v.is(JsonType::array);
  out.push_back(list ? '[' : '{');
  bool first = true;
  for (const JsonValue part : v) {
    if (!first) out.push_back(' ');
    first = false;
    append_edn(out, part);
  }
  out.push_back(list ? ']' : '}');
}

class EdnWriter {
 public:
  explicit EdnWriter(const History& history) : h_(history) {}

  void write(std::ostream& to) {
    for (std::uint32_t i = 0; i < h_.ops.size(); ++i) {
      if (!known(h_.ops[i])) continue;
      operation(i);
      to << out_;
      out_.clear();
    }
  }

 private:
  static bool known(const HistoryOp& op) {
    switch (op.function) {
      case OpFunction::send:
      case OpFunction::poll:
      case OpFunction::txn:
      case OpFunction::assign:
      case OpFunction::subscribe:
      case OpFunction::crash:
      case OpFunction::fault: return true;
      case OpFunction::other: return op.type != OpType::event;
      default: return false;  // Jepsen has no word for it
    }
  }

  void operation(std::uint32_t i) {
    const HistoryOp& op = h_.ops[i];
    const bool fault = op.function == OpFunction::fault;
    out_ += "{:index " + std::to_string(h_.index_of(i)) + " :time " + std::to_string(op.time);
    out_ += " :type " + std::string(fault ? ":info" : ":" + std::string(name_of(op.type)));
    out_ += " :process ";
    out_ += fault ? ":nemesis" : op.process < 0 ? "nil" : std::to_string(op.process);
    out_ += " :f ";
    keyword(op.name != kNoName ? h_.name(op.name) : name_of(op.function));
    out_ += " :value ";
    value(op);
    const NameId error = h_.context_of(op).error;
    if (error != kNoName) {
      out_ += " :error ";
      append_json_string(out_, h_.name(error));
    }
    out_ += "}\n";
  }

  // What is no keyword is a text.
  void keyword(std::string_view name) {
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_';
    };
    if (!name.empty() && std::ranges::all_of(name, plain)) {
      (out_ += ":").append(name);
    } else {
      append_json_string(out_, name);
    }
  }

  void value(const HistoryOp& op) {
    if (op.text != kNoName) return json(h_.name(op.text));
    const bool plain = op.function == OpFunction::crash || op.function == OpFunction::other ||
                       op.function == OpFunction::fault;
    if (op.items_begin == op.items_end && plain) {
      out_ += "nil";
      return;
    }
    out_.push_back('[');
    const auto items = h_.items_of(op);
    for (std::size_t k = 0; k < items.size();) {
      if (!known(op, items[k])) {
        ++k;
        continue;
      }
      if (out_.back() != '[') out_.push_back(' ');
      micro_op(op, items, k);
    }
    out_.push_back(']');
  }

  // The offsets that a transaction stores are not, nor rebalances inside an operation.
  static bool known(const HistoryOp& op, const HistoryItem& item) {
    const bool keys = op.function == OpFunction::assign || op.function == OpFunction::subscribe;
    switch (item.kind) {
      case ItemKind::send:
      case ItemKind::append:
      case ItemKind::read_list:
      case ItemKind::poll: return true;
      case ItemKind::entry: return keys;
      default: return false;
    }
  }

  void micro_op(const HistoryOp& op, std::span<const HistoryItem> items, std::size_t& k) {
    const HistoryItem& item = items[k++];
    switch (item.kind) {
      case ItemKind::entry: key(item.key); return;
      case ItemKind::send:
        out_ += "[:send ";
        key(item.key);
        out_.push_back(' ');
        if (op.type == OpType::invoke) {
          datum(item.value);
        } else {
          out_ += "[" + (item.offset == kNoOffset ? "nil" : std::to_string(item.offset)) + " ";
          datum(item.value);
          out_.push_back(']');
        }
        out_.push_back(']');
        return;
      case ItemKind::append:
        out_ += "[:append ";
        key(item.key);
        out_.push_back(' ');
        datum(item.value);
        out_.push_back(']');
        return;
      case ItemKind::read_list:
        out_ += "[:r ";
        key(item.key);
        list(item);
        return;
      case ItemKind::poll:
        out_ += "[:poll";
        if (op.type != OpType::invoke) polled(items, k);
        out_.push_back(']');
        return;
      default: return;  // of a poll, or not known
    }
  }

  void list(const HistoryItem& item) {
    out_ += item.meta == kNoMeta ? " nil]" : " [";
    if (item.meta == kNoMeta) return;
    bool first = true;
    for (const ValueId v : h_.list_of(item)) {
      if (!first) out_.push_back(' ');
      first = false;
      datum(v);
    }
    out_ += "]]";
  }

  void polled(std::span<const HistoryItem> items, std::size_t& k) {
    out_ += " {";
    bool first = true;
    while (k < items.size() && items[k].kind == ItemKind::polled) {
      if (!first) out_ += ", ";
      first = false;
      key(items[k++].key);
      out_ += " [";
      bool first_record = true;
      for (; k < items.size() && items[k].kind == ItemKind::record; ++k) {
        if (!first_record) out_.push_back(' ');
        first_record = false;
        out_ += "[" + std::to_string(items[k].offset) + " ";
        datum(items[k].value);
        out_.push_back(']');
      }
      out_.push_back(']');
    }
    out_.push_back('}');
  }

  void key(NameId id) { append_json_string(out_, h_.name(id)); }
  void datum(ValueId id) { json(datum_of(h_, id).json); }
  void json(std::string_view text) {
    if (tape_.parse(text)) {
      append_edn(out_, JsonValue(tape_, 0));
    } else {
      out_ += "nil";
    }
  }

  const History& h_;
  JsonTape tape_;
  std::string out_;
};

}  // namespace

void write_edn(const History& history, std::ostream& to) { EdnWriter(history).write(to); }

}  // namespace weir
