// History: what clients and the fault injector could see of a run, whatever system it came from.
//
// Jepsen's model: an operation is invoked, and then ok (happened), fail (definitely did not) or
// info (nobody knows, now or later); an event is a fact without a duration. A process is one client
// incarnation. Identity of a record is its value; values are null, a 64-bit integer or a text, and
// the integer 1 is not the text "1". There are no floating point numbers anywhere.
//
// Stored for size: operations and their items lie in two arrays, texts are interned. Lines that no
// checker interprets keep their value as JSON text, so that nothing is lost on writing.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/interner.h"
#include "checkers/truth.h"

namespace weir {

inline constexpr std::int64_t kNoOffset = -1;
inline constexpr std::int64_t kMaxOffset = std::numeric_limits<std::int64_t>::max() - 1;
inline constexpr std::uint32_t kNoMeta = 0xffffffffu;
inline constexpr std::uint32_t kNoOperation = 0xffffffffu;

enum class OpType : std::uint8_t { invoke, ok, fail, info, event };

enum class OpFunction : std::uint8_t {
  send,
  poll,
  txn,
  assign,
  subscribe,
  seek,
  commit,
  committed,
  init_txns,
  begin,
  commit_txn,
  abort_txn,
  delete_records,
  crash,
  handle,
  // Events.
  assigned,
  revoked,
  lost,
  log,
  compaction,
  offset_reset,
  topic_recreated,
  fault,
  client,
  other,  // by its name and its JSON text only
};
[[nodiscard]] std::string_view name_of(OpFunction);  // "other" for other
[[nodiscard]] std::string_view name_of(OpType);

// The parts of an operation's value, in their order.
enum class ItemKind : std::uint8_t {
  send,     // key, value, offset (kNoOffset: unknown), meta
  poll,     // one poll micro-op begins; its records follow
  polled,   // key: the records of this key follow, perhaps none
  record,   // key, value, offset, epoch = leader epoch or -1, meta
  offsets,  // key = group; its entries follow
  entry,    // key, and an offset where the function has one: seek, commit, delete_records ...
  log,    // key; numbers[meta..] = start, high watermark, last stable offset, end (kNoOffset where
          // absent), -1 or the count of markers, then each marker's offset
  reset,  // key, offset = to; numbers[meta..] = from, 1 if the policy went to the log start
  rebalance,  // key, value = "assigned", "revoked" or "lost": it ran inside this operation
  // Of the family list-append.
  append,     // key, value
  read_list,  // key, offset = begin in elements, meta = count; kNoMeta: nothing is known (null)
};

struct HistoryItem {
  std::int64_t offset = kNoOffset;
  NameId key = kNoName;
  ValueId value = kNoValue;
  std::int32_t epoch = -1;
  std::uint32_t meta = kNoMeta;  // of send and record: index into metas; of log, reset: numbers
  ItemKind kind{};
};

// What a record says beyond its value; absent members have their defaults.
struct RecordMeta {
  std::int64_t sequence = -1;
  ValueId record_key = kNoValue;
  ValueId send_id = kNoValue;
  NameId derived_key = kNoName;
  std::int64_t derived_offset = kNoOffset;
  std::optional<std::uint64_t> digest;
  friend bool operator==(const RecordMeta&, const RecordMeta&) = default;
};

// Who speaks: a producer session, a consumer, a transaction, an error. Absent: kNoName or -1.
struct OpContext {
  std::int64_t producer_id = -1;
  std::int64_t producer_epoch = -1;
  NameId txn_id = kNoName;
  NameId group = kNoName;
  NameId member = kNoName;
  NameId instance = kNoName;
  std::int64_t generation = -1;
  NameId txn = kNoName;
  NameId error = kNoName;
  bool has_producer = false;
  bool has_consumer = false;
  friend auto operator<=>(const OpContext&, const OpContext&) = default;
};

struct HistoryOp {
  std::int64_t time = 0;       // nanoseconds
  std::int64_t process = -1;   // -1: null
  std::int64_t op = -1;        // number of a pipelined operation; -1: none
  std::int64_t sequence = -1;  // number of the event of the run; -1: none
  std::uint32_t items_begin = 0;
  std::uint32_t items_end = 0;
  std::uint32_t context = 0;  // into contexts; 0 is the empty one
  NameId name = kNoName;      // of f, where function is other
  NameId text = kNoName;      // JSON text of the value, where it is not made of items
  OpType type{};
  OpFunction function{};
  bool automatic = false;
  bool retry = false;
  bool seek_beginning = false;  // of assign
};

enum class Isolation : std::uint8_t { read_committed, read_uncommitted };
enum class AckLevel : std::uint8_t { none, leader, all };

// Bounds that are absent are not checked.
struct HistoryBounds {
  std::optional<std::int64_t> staleness_ns;
  std::optional<std::int64_t> orphan_ns;  // a partition without a live owner
  std::optional<std::int64_t> lso_ns;     // a last stable offset that stands still
  std::optional<std::int64_t> uncaused_rebalances;
};

// A pipeline turns each record of `in` into one of `out`.
struct HistoryPipeline {
  std::vector<std::string> in;
  std::vector<std::string> out;
  bool one_to_one = true;
};

// What a history is judged against. Unknown keys of the JSON text are kept for writing only.
struct HistoryConfig {
  Isolation isolation = Isolation::read_committed;
  AckLevel acks = AckLevel::all;
  bool idempotence = true;
  std::int64_t max_in_flight = 5;
  bool retries = false;
  bool compacted = false;
  bool values_unique = true;
  bool final_drain = false;
  bool handling_recorded = false;
  bool partial_history = false;
  std::optional<HistoryPipeline> pipeline;
  bool auto_commit = false;
  std::string group;                               // its id, where the configuration names one
  std::vector<std::string> group_keys;             // the partitions of its topics
  std::optional<std::int64_t> session_timeout_ns;  // the group's: who is silent for longer is out
  bool cooperative = false;  // the group's protocol: revoke first, assign in the next generation
  bool ww_deps = false;      // the order of a log's records orders the transactions that wrote them
  std::vector<std::string> models;  // consistency models, of the family list-append
  std::string initial = "null";     // a register's first value, as JSON
  HistoryBounds bounds;
  std::string contract;     // the one that the run is judged by; empty: none declared
  std::string text = "{}";  // as it was read
};

struct History {
  std::string title;           // of the case or scenario
  std::string family = "log";  // or "list-append", "stream", "register"
  std::string seed;            // "0x2a", or empty
  std::string build;           // or empty
  std::string fingerprint;     // 16 hexadecimal digits, or empty
  HistoryConfig config;
  bool complete = true;  // false: the end mark is missing, the file was cut off
  std::string broken;    // where and why reading ended before the file's end, or empty

  std::vector<HistoryOp> ops;
  std::vector<std::int64_t> indexes;  // of the lines, where they do not count from 0; else empty
  std::vector<HistoryItem> items;
  std::vector<RecordMeta> metas;
  std::vector<std::int64_t> numbers;
  std::vector<ValueId> elements;  // of the lists that were read
  std::vector<OpContext> contexts{OpContext{}};
  Interner names;
  Interner values;                // a tag (n, i, s, j) before the text of the value
  std::optional<RunTruth> truth;  // of a run of this project

  [[nodiscard]] std::span<const HistoryItem> items_of(const HistoryOp& op) const {
    return {items.data() + op.items_begin, items.data() + op.items_end};
  }
  [[nodiscard]] const OpContext& context_of(const HistoryOp& op) const {
    return contexts[op.context];
  }
  // Of a read_list: what was read; empty where nothing is known, and for all other items.
  [[nodiscard]] std::span<const ValueId> list_of(const HistoryItem& item) const {
    if (item.kind != ItemKind::read_list || item.meta == kNoMeta) return {};
    return {elements.data() + item.offset, item.meta};
  }
  // The index by which the history's author calls the operation at this position.
  [[nodiscard]] std::int64_t index_of(std::uint32_t position) const {
    return indexes.empty() ? static_cast<std::int64_t>(position) : indexes[position];
  }
  [[nodiscard]] std::string_view name(NameId id) const {
    return id == kNoName ? std::string_view() : names.text(id);
  }

  [[nodiscard]] ValueId null_value() { return values.intern("n"); }
  [[nodiscard]] ValueId integer_value(std::int64_t);
  [[nodiscard]] ValueId text_value(std::string_view);
  [[nodiscard]] ValueId json_value(std::string_view canonical_json);
  [[nodiscard]] std::uint32_t intern_context(const OpContext&);

 private:
  std::map<OpContext, std::uint32_t> context_ids_;
  std::uint32_t last_context_ = 0;
};

// A value outside its history, for findings: JSON text (`null`, `17`, `"P1:17"`) and plain text.
struct Datum {
  std::string json;
  std::string text;  // without quotes
  friend bool operator==(const Datum&, const Datum&) = default;
};
[[nodiscard]] Datum datum_of(const History&, ValueId);

// For each operation its partner: the completion of an invocation, the invocation of a completion;
// kNoOperation where there is none, and for events.
[[nodiscard]] std::vector<std::uint32_t> pair_operations(const History&);

}  // namespace weir
