// LogIndex: a history turned inside out, from operations to logs, records and sends.
//
// A log is one incarnation of a partition; a recreated topic is another log. Its points are the
// (offset, value) pairs that are known to have been there: polled by anyone (pollers see real data,
// whatever became of their operation), or acknowledged to a send that must have committed. The
// whole set of values per offset is kept, since a lossy order would hide losses. Ranks count known
// offsets: holes (markers, aborted data, compaction) are closed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "checkers/flat_map.h"
#include "checkers/history.h"

namespace weir::analysis {

inline constexpr std::uint32_t kNone = 0xffffffffu;

enum class Outcome : std::uint8_t { ok, failed, unknown };

// What an operation does to where the consumer of its process stands.
enum class Move : std::uint8_t {
  none,
  reassigned,  // by itself: assign, subscribe
  sought,
  reset,  // by policy
  given,  // by its group
  taken,
  crashed,
  polled,  // perhaps: also a send and a transaction may hold polls
  ended,   // a transaction
};

// One send micro-operation.
struct Send {
  std::int64_t offset = kNoOffset;  // as its completion told it
  std::uint32_t log = kNone;
  std::uint32_t identity = kNone;
  std::uint32_t invoked = kNoOperation;    // positions in the history; kNoOperation: not recorded
  std::uint32_t completed = kNoOperation;  // kNoOperation: no completion
  std::uint32_t meta = kNoMeta;
  std::uint32_t next = kNone;  // the next send of the same identity
  std::uint32_t transaction = kNone;
  ValueId value = kNoValue;
  Outcome outcome = Outcome::unknown;  // with its transaction's outcome counted in
  bool acknowledged = false;           // ok, and acks promised something
  bool committed = false;  // must have committed: ok, or part of an op of which a record was read
  bool lied = false;       // its acknowledged offset is another record's
  bool lost = false;       // a finding says so
  bool elsewhere = false;  // a finding says that it was read from another partition
};

// Offsets that a transaction commits for a group.
struct TransactionOffset {
  NameId group = kNoName;
  NameId key = kNoName;
  std::int64_t next = kNoOffset;
  std::uint32_t op = kNoOperation;
};

// The operations that a label joins, those of a process between begin and its end, or one `txn`.
struct Transaction {
  NameId label = kNoName;
  Outcome outcome = Outcome::unknown;
  std::uint32_t begun = kNoOperation;      // its first operation
  std::uint32_t invoked = kNoOperation;    // its commit, or the `txn`; kNoOperation: never
  std::uint32_t completed = kNoOperation;  // of the commit, abort or `txn`
  std::uint32_t aborting = kNoOperation;   // the first abort that was asked for
  bool whole = false;                      // one `txn` operation
  bool sends = false;
  std::vector<std::uint32_t> polls;  // completed operations with results
  std::vector<TransactionOffset> offsets;

  // Whether its commit was never asked for: then nobody may see what it wrote.
  [[nodiscard]] bool never_committed() const { return invoked == kNoOperation; }
  // By which operation it is called.
  [[nodiscard]] std::uint32_t op() const {
    return completed != kNoOperation ? completed : invoked != kNoOperation ? invoked : begun;
  }
};

// (log, value): what a value names within a log.
struct Identity {
  std::uint32_t log = kNone;
  ValueId value = kNoValue;
  std::uint32_t first_send = kNone;
  std::uint32_t sends = 0;
  std::uint32_t failed_sends = 0;
  std::uint32_t first_point = kNone;  // points of this identity, by offset
  std::uint32_t points = 0;
  std::uint32_t polled_points = 0;
  std::uint32_t first_poll = kNoOperation;  // the earliest operation that polled it
  std::uint32_t first_ok_poll = kNoOperation;
  // Where the log was read back:
  std::uint32_t first_stored = kNone;  // in Log::stored
  std::uint32_t stored = 0;            // how many times it lies there
};

struct Point {
  std::int64_t offset = 0;
  ValueId value = kNoValue;
  std::uint32_t identity = kNone;
  std::uint32_t next = kNone;             // the next point of the same identity
  std::uint32_t first_op = kNoOperation;  // the first operation that polled it, or acknowledged it
  std::int32_t epoch = -1;
  bool polled = false;
  bool polled_ok = false;
  bool acked = false;
  // A reader may pass over it: superseded and compacted, below the log's start, or aborted.
  bool optional = false;
};

// A stretch of a log that one reader went through without being put elsewhere: whatever lies in it
// and was shown to nobody was passed over.
struct Passage {
  std::int64_t from = 0;
  std::int64_t to = kNoOffset;  // read last
  std::uint32_t op = kNoOperation;
};

// The truth about a log, where the history tells it: its end, and the markers in it.
struct LogTruth {
  std::int64_t end = kNoOffset;           // the next offset to be written
  std::int64_t stable_end = kNoOffset;    // the last stable offset, where something is open there
  std::int64_t readable_end = kNoOffset;  // the smaller of high watermark and last stable offset
  bool markers_known = false;
  std::vector<std::int64_t> markers;  // ascending
  std::uint32_t op = kNoOperation;
};

// A record as it was read back.
struct Stored {
  std::int64_t offset = 0;
  std::uint32_t identity = kNone;  // kNone: not one of a recorded client
  std::int32_t session = -1;
};

// A replica's own records by offset, where they are not so in its log.
struct ReplicaPlaces {
  const ReplicaTruth* told = nullptr;
  std::vector<StoredAt> sorted;

  [[nodiscard]] const std::vector<StoredAt>& by_offset() const {
    return sorted.empty() ? told->records : sorted;
  }
};

// Of one key of a compacted log.
struct LatestOfKey {
  std::int64_t ended = kNoOffset;    // the highest offset of a tombstone; kMaxOffset: anywhere
  std::vector<std::int64_t> stored;  // per replica that was read back: the highest offset, or none
};

struct Log {
  NameId key = kNoName;
  std::uint32_t since = 0;  // position from which this incarnation counts
  std::int64_t start = 0;   // everything below was removed on purpose
  bool start_known = false;
  std::vector<Point> points;          // by (offset, value)
  std::vector<std::int64_t> offsets;  // distinct, ascending
  std::vector<std::uint32_t> first;   // per rank its first point; one more than offsets
  std::int64_t max_read = kNoOffset;  // by an ok poll
  std::uint32_t max_read_op = kNoOperation;
  std::vector<Passage> passages;  // by from; each with the farthest end of those up to it
  bool transactional = false;
  bool compacted = false;  // what is newer of a key may have taken the place of a record
  LogTruth truth;
  // Of a run whose logs were read back at its end:
  const PartitionTruth* told = nullptr;
  const TopicTruth* topic = nullptr;
  std::vector<Stored> stored;  // of its first replica, in that log's order
  std::vector<ReplicaPlaces> replicas;

  // The passage that goes farthest of those that an offset lies in, or null: no ok poll passed it.
  [[nodiscard]] const Passage* passed(std::int64_t offset) const;
  // The number of known offsets below this one.
  [[nodiscard]] std::uint32_t rank_below(std::int64_t offset) const;
  // The same, trying the neighbourhood of a hint first.
  [[nodiscard]] std::uint32_t rank_near(std::int64_t offset, std::uint32_t hint) const;
};

// What the configuration of one client says, where it differs from that of the history.
struct ClientTraits {
  AckLevel acks = AckLevel::all;
  bool idempotence = true;
  std::int64_t max_in_flight = 5;
  bool retries = false;

  // Whether its records keep their order within a partition whatever the network does.
  [[nodiscard]] bool ordered() const { return idempotence || max_in_flight == 1 || !retries; }
};

// Where a record should be and is not.
struct Lack {
  bool lacking = false;
  const ReplicaTruth* replica = nullptr;  // that lacks it; null: there is no log at all
};

class LogIndex {
 public:
  explicit LogIndex(const History&);

  const History& history;
  std::vector<std::uint32_t> partner;  // see pair_operations
  std::vector<Log> logs;
  std::vector<Send> sends;  // in the order of their operations
  std::vector<Identity> identities;
  std::vector<Transaction> transactions;
  std::vector<std::uint32_t> transaction_of;  // per operation, or kNone
  std::vector<std::uint32_t> first_send;  // per operation; those of one operation follow each other
  bool rebalances_inside = false;         // of operations; some
  std::int64_t records_polled = 0;
  std::int64_t sends_acknowledged = 0;

  // The log that a key names at a position of the history; kNone where it was never mentioned.
  [[nodiscard]] std::uint32_t log_at(NameId key, std::uint32_t position) const;
  [[nodiscard]] Datum value_text(ValueId value) const { return datum_of(history, value); }
  [[nodiscard]] const ClientTraits& client_of(const Send&) const;
  // Whether the logs themselves were read back: then no poll is needed to tell what is stored.
  [[nodiscard]] bool read_back() const { return history.truth.has_value(); }
  // Whether a record is missing from those logs that must hold it, at an offset or (kNoOffset)
  // anywhere.
  [[nodiscard]] Lack find_lack(std::uint32_t log, ValueId value, std::int64_t offset) const;
  // The same of a compacted log, where something of its key at this offset or a higher one does.
  [[nodiscard]] Lack find_lack_of_key(const Identity&, std::int64_t offset) const;
  // The key that it was sent with, or kNoValue.
  [[nodiscard]] ValueId record_key_of(const Identity&) const;
  // The offset at which it lies in one replica's log, or kNoOffset.
  [[nodiscard]] std::int64_t offset_in(std::uint32_t log, const ReplicaTruth&, ValueId) const;
  // Whether it lies in any log of the topic.
  [[nodiscard]] bool lies_anywhere(std::uint32_t log, ValueId value) const;
  // Where a send lies, if that is certain: polled at one place only, or acknowledged truly.
  [[nodiscard]] std::int64_t location_of(const Send&) const;
  // Whether the log was cut off below it after it had been acknowledged.
  [[nodiscard]] bool cut_off(const Send&) const;
  // Whether another value is known at that offset.
  [[nodiscard]] bool has_other_value(const Log&, std::int64_t offset, ValueId) const;
  // What a value names in a log, or kNone.
  [[nodiscard]] std::uint32_t identity_of(std::uint32_t log, ValueId value) const {
    return identity_ids_.find(pair_key(log, value));
  }
  // The one send that a value can be, or kNone where there is none or no telling.
  [[nodiscard]] std::uint32_t send_of(std::uint32_t log, ValueId value) const;
  // "t1", or "operation 7".
  [[nodiscard]] std::string transaction_text(std::uint32_t transaction) const;
  // Whether the operation was a poll (or transaction) with results.
  [[nodiscard]] static bool polls(const HistoryOp&);
  // Whether it is a poll that may have moved its consumer past records that nobody tells of:
  // indeterminate, or never completed, and without results.
  [[nodiscard]] bool may_have_polled(std::uint32_t op) const;
  // The same of any operation: nobody knows whether it happened.
  [[nodiscard]] bool may_have_happened(std::uint32_t op) const {
    const OpType type = history.ops[op].type;
    return type == OpType::info || (type == OpType::invoke && partner[op] == kNoOperation);
  }
  // What has definitely failed moves nobody, and what may have happened does.
  [[nodiscard]] Move move_of(std::uint32_t op) const;
  // The invocation of a completion, or the operation itself.
  [[nodiscard]] std::uint32_t invocation_of(std::uint32_t op) const {
    return partner[op] == kNoOperation ? op : partner[op];
  }

 private:
  struct Observation {
    std::int64_t offset;
    ValueId value;
    std::uint32_t op;
    std::int32_t epoch;
    bool ok;
  };

  void find_clients();
  void find_known_clients();
  [[nodiscard]] const ClientTraits& client_of(const HistoryOp&, ValueId sent) const;
  void take_readback();
  void find_incarnations();
  void find_transactions();
  void note_transaction_op(std::uint32_t transaction, std::uint32_t op);
  void collect_sends();
  void collect_send_op(std::uint32_t invoked, std::uint32_t completed);
  [[nodiscard]] std::uint32_t meta_of_invocation(std::uint32_t invoked, ValueId value) const;
  void collect_polls();
  void find_passages();
  void make_points(Log&, std::vector<Observation>&);
  void name_identities();
  void settle_commits();
  void judge_acknowledged_offsets();
  void add_acknowledged_points();
  void link_points();
  void find_ground_truth();
  void find_keys();
  void find_stored_keys(std::uint32_t log);
  [[nodiscard]] const LatestOfKey* latest_of_key(const Identity&) const;
  void find_optional_points();
  template <class Has>
  [[nodiscard]] Lack find_lack_where(std::uint32_t log, Has has) const;
  std::uint32_t log_for(NameId key, std::uint32_t position);

  std::vector<std::vector<std::uint32_t>> incarnations_;  // per key: its logs, in time
  FlatMap identity_ids_;                                  // (log, value)
  FlatMap key_ids_;                                       // (log, record key)
  std::vector<LatestOfKey> keys_;                         // of compacted logs
  ClientTraits common_;
  std::unordered_map<std::int64_t, ClientTraits> clients_;  // per process; looked up only
  std::map<std::string_view, ClientTraits> known_clients_;  // by name, as a run tells them
  mutable const std::pair<const std::string_view, ClientTraits>* last_client_ = nullptr;
  std::vector<std::vector<Observation>> observations_;  // per log, until they are points
};

// Where one that must hold something has it not, by the number of the replica.
template <class Has>
Lack LogIndex::find_lack_where(std::uint32_t l, Has has) const {
  const Log& log = logs[l];
  if (log.told == nullptr) return {true, nullptr};
  Lack lack;
  for (std::size_t r = 0; r < log.replicas.size(); ++r) {
    const ReplicaTruth* told = log.replicas[r].told;
    if (!told->holds) continue;
    const bool there = has(r);
    if (there && !log.told->each) return {};
    const bool before = !lack.lacking || told->node < lack.replica->node;
    if (!there && before) lack = {true, told};
  }
  return lack;
}

}  // namespace weir::analysis
