// HistoryParser: operations and the values they carry, shape by shape.
#include "checkers/history_parse.h"

#include <array>
#include <limits>
#include <vector>

#include "broker/base/suggest.h"

namespace weir {
namespace {

constexpr std::array<std::string_view, 5> kTypeWords = {"invoke", "ok", "fail", "info", "event"};

bool is_event(OpFunction f) { return f >= OpFunction::assigned; }

OpFunction function_named(std::string_view name, bool event) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(OpFunction::other); ++i) {
    const auto f = static_cast<OpFunction>(i);
    if (is_event(f) == event && name_of(f) == name) return f;
  }
  return OpFunction::other;
}

}  // namespace

std::string JsonPath::text() const {
  std::string path = parent != nullptr ? parent->text() : std::string();
  if (index >= 0) return path + "[" + std::to_string(index) + "]";
  if (key.empty()) return path;
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

bool HistoryParser::fail(JsonValue found, Place at, std::string_view expected) {
  position_ = found.node().offset;
  const std::string place = at.text();
  mistake_ = (place.empty() ? std::string() : "at " + place + ": ") + "found " +
             abbreviated(found) + ", expected " + std::string(expected);
  return false;
}

std::optional<JsonValue> HistoryParser::find(JsonValue object, std::string_view wanted) {
  std::optional<JsonValue> found;
  if (!object.is(JsonType::object)) return found;
  for (auto it = object.begin(); it != object.end(); ++it) {
    const bool match = (*it).node().text == wanted;
    ++it;
    if (match) found = *it;
  }
  return found;
}

// What a mistake leaves half read is taken back: what came before it is a history still.
bool HistoryParser::operation(JsonValue line, Place at) {
  const std::size_t items = history_.items.size(), indexes = history_.indexes.size();
  if (whole_operation(line, at)) return true;
  history_.items.resize(items);
  history_.indexes.resize(indexes);
  return false;
}

bool HistoryParser::whole_operation(JsonValue line, Place at) {
  if (!line.is(JsonType::object)) return fail(line, at, "an operation (an object)");
  HistoryOp op;
  op.items_begin = static_cast<std::uint32_t>(history_.items.size());
  std::optional<JsonValue> value;
  if (!op_fields(line, at, op, value)) return false;
  if (value.has_value() && !op_value(op, *value, at.member("value"))) return false;
  if (const auto list = find(line, "rebalances"); list.has_value()) {
    if (!rebalances(*list, at.member("rebalances"))) return false;
  }
  op.items_end = static_cast<std::uint32_t>(history_.items.size());
  history_.ops.push_back(op);
  return true;
}

bool HistoryParser::op_fields(JsonValue line, Place at, HistoryOp& op,
                              std::optional<JsonValue>& value) {
  OpContext context;
  std::optional<JsonValue> type, function;
  constexpr std::string_view kAbove = "an index above the one before (they count from 0)";
  const std::int64_t before =
      history_.ops.empty() ? -1
                           : history_.index_of(static_cast<std::uint32_t>(history_.ops.size() - 1));
  std::optional<std::int64_t> index;
  for (auto it = line.begin(); it != line.end(); ++it) {
    const std::string_view key = (*it).node().text;
    ++it;
    const JsonValue v = *it;
    const JsonPath here = at.member(key);
    bool good = true;
    if (key == "index") {
      good = integer(v, here, 0, kAbove, index.emplace());
      if (good && *index <= before) good = fail(v, here, kAbove);
    } else if (key == "time") {
      good = integer(v, here, 0, "a time in nanoseconds, 0 or more", op.time);
    } else if (key == "process") {
      if (!v.is(JsonType::null)) {
        good = integer(v, here, 0, "a process number of 0 or more, or null", op.process);
      }
    } else if (key == "type") {
      type = v;
    } else if (key == "f") {
      function = v;
    } else if (key == "value") {
      value = v;
    } else if (key == "op") {
      good = integer(v, here, 0, "an operation number of 0 or more", op.op);
    } else if (key == "fact") {
      good = integer(v, here, 0, "an event number of 0 or more", op.sequence);
    } else if (key == "producer") {
      good = producer(v, here, context);
    } else if (key == "consumer") {
      good = consumer(v, here, context);
    } else if (key == "txn") {
      good = name(v, here, "a transaction's label", context.txn);
    } else if (key == "error") {
      if (!v.is(JsonType::text)) {
        scratch_.clear();
        append_json(scratch_, v);
        context.error = history_.names.intern(scratch_);
      } else {
        context.error = history_.names.intern(v.node().text);
      }
    } else if (key == "auto") {
      good = flag(v, here, op.automatic);
    } else if (key == "retry") {
      good = flag(v, here, op.retry);
    } else if (key == "seek") {
      op.seek_beginning = v.is(JsonType::text) && v.node().text == "beginning";
    }
    if (!good) return false;
  }
  if (!type) return fail(line, at, "a key \"type\"");
  if (!function) return fail(line, at, "a key \"f\"");
  std::size_t which = 0;
  if (!word(*type, at.member("type"), kTypeWords, which)) return false;
  op.type = static_cast<OpType>(which);
  NameId f = kNoName;
  if (!name(*function, at.member("f"), "the name of a function", f)) return false;
  op.function = function_named(history_.names.text(f), op.type == OpType::event);
  if (op.function == OpFunction::other) op.name = f;
  op.context = history_.intern_context(context);
  if (!index) {  // the next one, then
    if (before == std::numeric_limits<std::int64_t>::max()) {
      return fail(line, at.member("index"), kAbove);
    }
    index = before + 1;
  }
  if (*index != static_cast<std::int64_t>(history_.ops.size()) || !history_.indexes.empty()) {
    for (std::size_t i = history_.indexes.size(); i < history_.ops.size(); ++i) {
      history_.indexes.push_back(static_cast<std::int64_t>(i));
    }
    history_.indexes.push_back(*index);
  }
  return true;
}

bool HistoryParser::op_value(HistoryOp& op, JsonValue v, Place at) {
  if (op.function == OpFunction::other || op.type == OpType::event) return event_value(op, v, at);
  if (v.is(JsonType::null)) return true;
  switch (op.function) {
    case OpFunction::send:
    case OpFunction::poll:
    case OpFunction::txn: {
      bool known = true;
      const std::size_t items = history_.items.size();
      if (!micro_ops(op, v, at, known)) return false;
      if (known) return true;
      history_.items.resize(items);
      op.name = history_.names.intern(name_of(op.function));
      op.function = OpFunction::other;
      return event_value(op, v, at);
    }
    case OpFunction::assign:
    case OpFunction::subscribe: return keys(v, at);
    case OpFunction::committed: return v.is(JsonType::array) ? keys(v, at) : key_offsets(v, at);
    case OpFunction::seek:
    case OpFunction::commit:
    case OpFunction::delete_records: return key_offsets(v, at);
    case OpFunction::handle: return handled(v, at);
    case OpFunction::init_txns:
    case OpFunction::begin:
    case OpFunction::commit_txn:
    case OpFunction::abort_txn:
    case OpFunction::crash:
    case OpFunction::assigned:
    case OpFunction::revoked:
    case OpFunction::lost:
    case OpFunction::log:
    case OpFunction::compaction:
    case OpFunction::offset_reset:
    case OpFunction::topic_recreated:
    case OpFunction::fault:
    case OpFunction::client:
    case OpFunction::other: break;
  }
  return event_value(op, v, at);
}

// Keeps the value's text, and reads what the checkers use of it.
bool HistoryParser::event_value(HistoryOp& op, JsonValue v, Place at) {
  if (v.is(JsonType::null)) return true;  // it says nothing but that it happened
  scratch_.clear();
  append_json(scratch_, v);
  op.text = history_.names.intern(scratch_);
  switch (op.function) {
    case OpFunction::assigned:
    case OpFunction::revoked:
    case OpFunction::lost:
    case OpFunction::topic_recreated: {
      const auto list = find(v, "keys");
      if (!list) return fail(v, at, "an object with \"keys\"");
      return keys(*list, at.member("keys"));
    }
    case OpFunction::log: return log_states(v, at);
    case OpFunction::compaction: return compactions(v, at);
    case OpFunction::offset_reset: return resets(v, at);
    default: return true;  // kept as text: nothing here is for a checker
  }
}

bool HistoryParser::producer(JsonValue v, Place at, OpContext& context) {
  if (v.is(JsonType::null)) return true;
  if (!v.is(JsonType::object)) return fail(v, at, "an object");
  context.has_producer = true;
  if (const auto id = find(v, "id"); id && !id->is(JsonType::null)) {
    if (!integer(*id, at.member("id"), -1, "a producer id", context.producer_id)) return false;
  }
  if (const auto epoch = find(v, "epoch"); epoch && !epoch->is(JsonType::null)) {
    if (!integer(*epoch, at.member("epoch"), -1, "a producer epoch", context.producer_epoch)) {
      return false;
    }
  }
  if (const auto id = find(v, "txn_id"); id && !id->is(JsonType::null)) {
    return name(*id, at.member("txn_id"), "a transactional id", context.txn_id);
  }
  return true;
}

bool HistoryParser::consumer(JsonValue v, Place at, OpContext& context) {
  if (v.is(JsonType::null)) return true;
  if (!v.is(JsonType::object)) return fail(v, at, "an object");
  context.has_consumer = true;
  const auto text = [&](std::string_view key, std::string_view what, NameId& out) {
    const auto found = find(v, key);
    return !found || found->is(JsonType::null) || name(*found, at.member(key), what, out);
  };
  if (!text("group", "a group's id", context.group)) return false;
  if (!text("member", "a member's id", context.member)) return false;
  if (!text("instance", "an instance id", context.instance)) return false;
  const auto generation = find(v, "generation");
  return !generation || generation->is(JsonType::null) ||
         integer(*generation, at.member("generation"), -1, "a generation", context.generation);
}

bool HistoryParser::rebalances(JsonValue v, Place at) {
  if (!v.is(JsonType::array)) return fail(v, at, "a list of {\"event\", \"keys\"}");
  std::int64_t i = 0;
  for (const JsonValue entry : v) {
    const JsonPath here = at.element(i++);
    const auto event = find(entry, "event");
    const auto list = find(entry, "keys");
    if (!event || !list) return fail(entry, here, "{\"event\", \"keys\"}");
    if (!event->is(JsonType::text)) return fail(*event, here.member("event"), "a text");
    const ValueId what = history_.text_value(event->node().text);
    const std::size_t first = history_.items.size();
    if (!keys(*list, here.member("keys"))) return false;
    for (std::size_t k = first; k < history_.items.size(); ++k) {
      history_.items[k].kind = ItemKind::rebalance;
      history_.items[k].value = what;
    }
  }
  return true;
}

bool HistoryParser::integer(JsonValue v, Place at, std::int64_t least, std::string_view what,
                            std::int64_t& out) {
  if (!v.is(JsonType::integer) || v.node().integer < least) return fail(v, at, what);
  out = v.node().integer;
  return true;
}

bool HistoryParser::offset(JsonValue v, Place at, bool nullable, std::int64_t& out) {
  if (nullable && v.is(JsonType::null)) {
    out = kNoOffset;
    return true;
  }
  if (!v.is(JsonType::integer) || v.node().integer < 0 || v.node().integer > kMaxOffset) {
    return fail(v, at,
                nullable ? "an offset (an integer from 0 to 9223372036854775806) or null"
                         : "an offset (an integer from 0 to 9223372036854775806)");
  }
  out = v.node().integer;
  return true;
}

bool HistoryParser::name(JsonValue v, Place at, std::string_view what, NameId& out) {
  if (v.is(JsonType::integer)) {
    out = history_.names.intern(std::to_string(v.node().integer));
    return true;
  }
  if (!v.is(JsonType::text)) return fail(v, at, std::string(what) + " (a text)");
  out = history_.names.intern(v.node().text);
  return true;
}

bool HistoryParser::flag(JsonValue v, Place at, bool& out) {
  if (!v.is(JsonType::boolean)) return fail(v, at, "true or false");
  out = v.node().truth;
  return true;
}

bool HistoryParser::word(JsonValue v, Place at, std::span<const std::string_view> words,
                         std::size_t& out) {
  const std::string_view text = v.is(JsonType::text) ? v.node().text : std::string_view();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (v.is(JsonType::text) && words[i] == text) {
      out = i;
      return true;
    }
  }
  std::string expected = "one of";
  for (std::size_t i = 0; i < words.size(); ++i) {
    expected += (i == 0 ? " \"" : ", \"") + std::string(words[i]) + "\"";
  }
  return fail(v, at, expected + did_you_mean(text, words));
}

ValueId HistoryParser::value(JsonValue v) {
  scratch_.clear();
  switch (v.type()) {
    case JsonType::null: return history_.null_value();
    case JsonType::integer: return history_.integer_value(v.node().integer);
    case JsonType::text:
      scratch_.push_back('s');
      scratch_.append(v.node().text);
      return history_.values.intern(scratch_);
    case JsonType::boolean:
    case JsonType::number:
    case JsonType::array:
    case JsonType::object: break;
  }
  append_json(scratch_, v, MemberOrder::by_name);
  return history_.json_value(scratch_);
}

HistoryItem& HistoryParser::add(ItemKind kind, NameId key) {
  HistoryItem& item = history_.items.emplace_back();
  item.kind = kind;
  item.key = key;
  return item;
}

}  // namespace weir
