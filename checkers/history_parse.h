// HistoryParser: one JSON value -> header, configuration or operation of a History.
//
// Shared by the readers of case files and of weir-history/1. The first mistake stops it and is kept
// with its JSON path. What is merely unknown (keys, functions, events) is no mistake.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checkers/history.h"
#include "checkers/json_tape.h"

namespace weir {

// A place in a document, as a chain on the stack: made into text only for an error.
struct JsonPath {
  const JsonPath* parent = nullptr;
  std::string_view key = {};
  std::int64_t index = -1;

  [[nodiscard]] JsonPath member(std::string_view name) const { return {this, name, -1}; }
  [[nodiscard]] JsonPath element(std::int64_t i) const { return {this, {}, i}; }
  [[nodiscard]] std::string text() const;  // "history[3].value[0][2]"
};

class HistoryParser {
 public:
  explicit HistoryParser(History& history) : history_(history) {}

  // Each is false after a mistake.
  bool config(JsonValue, const JsonPath&);
  bool operation(JsonValue, const JsonPath&);
  bool run(JsonValue, const JsonPath&);     // what only the run knows ...
  bool stored(JsonValue, const JsonPath&);  // ... and one of the partitions that it read back

  [[nodiscard]] const std::string& mistake() const { return mistake_; }
  // Where in the source the value lies that was wrong.
  [[nodiscard]] std::size_t position() const { return position_; }

  // `at value[0][2]: found -3, expected an offset of 0 or more`; always false.
  bool fail(JsonValue found, const JsonPath&, std::string_view expected);

  // The members of an object, looked up by name; the last of equal names counts.
  [[nodiscard]] static std::optional<JsonValue> find(JsonValue object, std::string_view name);
  // An element of a list, if there are so many.
  [[nodiscard]] static std::optional<JsonValue> element(JsonValue array, std::int64_t index);
  // Calls each(key, value, path) for the members of an object until it returns false.
  template <class Each>
  static bool members(JsonValue object, const JsonPath& at, Each each) {
    for (auto it = object.begin(); it != object.end(); ++it) {
      const std::string_view key = (*it).node().text;
      ++it;
      if (!each(key, *it, at.member(key))) return false;
    }
    return true;
  }

 private:
  using Place = const JsonPath&;

  bool whole_operation(JsonValue, Place);
  bool op_fields(JsonValue, Place, HistoryOp&, std::optional<JsonValue>& value);
  bool op_value(HistoryOp&, JsonValue, Place);
  bool event_value(HistoryOp&, JsonValue, Place);
  bool producer(JsonValue, Place, OpContext&);
  bool consumer(JsonValue, Place, OpContext&);
  bool rebalances(JsonValue, Place);
  bool micro_ops(HistoryOp&, JsonValue, Place, bool& known);
  bool send(const HistoryOp&, JsonValue, Place);
  bool list_micro_op(const HistoryOp&, JsonValue, Place, bool read);
  bool poll(JsonValue, Place);
  bool records(NameId key, JsonValue, Place);
  bool meta(JsonValue, Place, HistoryItem&);
  bool keys(JsonValue, Place);
  bool key_offsets(JsonValue, Place);
  bool handled(JsonValue, Place);
  bool log_states(JsonValue, Place);
  bool resets(JsonValue, Place);
  bool compactions(JsonValue, Place);
  bool bounds(JsonValue, Place);
  bool pipeline(JsonValue, Place);
  bool group(JsonValue, Place);
  bool texts(JsonValue, Place, std::vector<std::string>& out);
  bool promises(JsonValue, Place);
  bool topics(JsonValue, Place);
  bool clients(JsonValue, Place);
  bool watched(JsonValue, Place, WatchTruth& out);
  bool guarantees(JsonValue, Place);
  bool guarantee(JsonValue, Place, Verdict& out);
  bool violation(JsonValue, Place, Violation& out);
  bool event(JsonValue, Place, std::int64_t& out);
  bool replica(JsonValue, Place, PartitionTruth&);
  bool stored_records(JsonValue, Place, ReplicaTruth&);

  bool integer(JsonValue, Place, std::int64_t least, std::string_view what, std::int64_t& out);
  bool offset(JsonValue, Place, bool nullable, std::int64_t& out);
  bool name(JsonValue, Place, std::string_view what, NameId& out);
  bool flag(JsonValue, Place, bool& out);
  bool text(JsonValue, Place, std::string& out);
  bool word(JsonValue, Place, std::span<const std::string_view> words, std::size_t& out);
  ValueId value(JsonValue);
  HistoryItem& add(ItemKind, NameId key);

  History& history_;
  std::string mistake_;
  std::size_t position_ = 0;
  std::string scratch_;
};

}  // namespace weir
