// RunTruth: what only whoever ran the system knows of a history, as further input of its judgement.
//
// Clients tell what they were told; a run also reads the logs back from the disks at its end, sees
// what its nodes did meanwhile, and knows what the configuration promised under the faults that
// struck. A history from elsewhere has no such part, and is judged by what its clients saw.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkers/judged.h"
#include "checkers/watch.h"

namespace weir {

using NameId = std::uint32_t;   // of a key ("orders-0"), member, label
using ValueId = std::uint32_t;  // of a record's value

inline constexpr NameId kNoName = 0xffffffffu;
inline constexpr ValueId kNoValue = 0xffffffffu;

struct PromiseTruth {
  std::string guarantee;
  bool promised = false;
  bool claimed = false;  // by the scenario, whatever is configured
  std::vector<std::string> because;
};

struct TopicTruth {
  std::string name;
  bool survives = false;   // the faults left a whole copy of all that acks=all acknowledged
  bool compacted = false;  // what is newer of a key may have taken the place of a record
};

// A client is known by the records that it sent: "P1" by "P1:17".
struct ClientTruth {
  std::string name;
  std::string acks;         // "0", "1" or "all"
  bool idempotent = false;  // no retry is stored twice
  bool ordered = false;     // its records keep their order within a partition
};

struct StoredAt {
  std::int64_t offset = 0;
  ValueId value = kNoValue;   // kNoValue: not one of a recorded client
  std::int32_t session = -1;  // in sessions; -1: of a producer without one
  friend bool operator==(const StoredAt&, const StoredAt&) = default;
};

// One replica's log of a partition as it lay on its disk at the end.
struct ReplicaTruth {
  std::string node;
  bool holds = false;             // it must hold what was acknowledged: see PartitionTruth::each
  std::uint32_t shared = 0;       // it begins with so many records of the partition's first replica
  std::vector<StoredAt> records;  // those behind them, in the log's order
  std::string damage;             // what could not be read, in words
};

struct PartitionTruth {
  NameId key = kNoName;
  std::int64_t start = 0;  // everything below was removed on purpose
  bool each = true;        // each of those that must hold a record has to; else one of them
  // The first is the one that tells what is stored: the leader's, where there is one.
  std::vector<ReplicaTruth> replicas;
};

// What an online check looked at, and objected to.
struct WatchTruth {
  std::int64_t looked_at = 0;
  std::int64_t breaches = 0;
  std::vector<FactBreach> kept;
};

struct RunTruth {
  std::vector<PromiseTruth> promises;
  std::vector<TopicTruth> topics;
  std::vector<ClientTruth> clients;
  std::vector<std::pair<std::int64_t, std::int64_t>> sessions;  // producer id and epoch
  std::vector<PartitionTruth> partitions;
  bool loss_allowed = false;  // offsets of what got lost may be given out anew
  bool drain_asked = false;
  bool drained = false;
  std::string limit;         // that cut the run short; empty: none
  std::int64_t retries = 0;  // of those to whom it is promised that none is stored twice
  std::int64_t deduplicated = 0;
  WatchTruth sequences;     // of appended batches
  WatchTruth served;        // fetches answered, against end and high watermark
  WatchTruth searched;      // records found by time, against those that lie in the logs
  WatchTruth acknowledged;  // appends with acks=all that brokers answered, against their watermarks
  WatchTruth elections;     // leaders that took office, against what was shown before
  // Of what only nodes can tell, in the order of the table: no history shows the facts of nodes.
  std::vector<Verdict> judged;
  std::vector<std::string> required;  // guarantees that the run had to put to the test

  // Null where nothing is told of it.
  [[nodiscard]] const PromiseTruth* promise(std::string_view guarantee) const;
  [[nodiscard]] const TopicTruth* topic(std::string_view name) const;
  [[nodiscard]] const ClientTruth* client(std::string_view name) const;
  [[nodiscard]] bool claimed(std::string_view guarantee) const;
};

}  // namespace weir
