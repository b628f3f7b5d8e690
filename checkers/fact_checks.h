// FactChecks: the checks that run along with a world, on every fact, in memory bounded by records.
//
// Here three promises of records are watched where they could break: sequences per (producer id,
// epoch, partition) are contiguous in each node's log and no retry is stored twice; nothing beyond
// the high watermark is served to clients; every polled record is the record that was sent. What a
// cluster promises beyond is watched in watch_*.h, one file a guarantee. Self-report is no proof of
// what a disk holds: the logs read back at the end become part of the history (tell_truth.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/time.h"
#include "checkers/identity_index.h"
#include "checkers/watch.h"
#include "checkers/watch_agreement.h"
#include "checkers/watch_answers.h"
#include "checkers/watch_epochs.h"
#include "checkers/watch_isr.h"
#include "checkers/watch_metadata.h"
#include "checkers/watch_partitions.h"
#include "checkers/watch_progress.h"
#include "checkers/watch_watermarks.h"

namespace weir {

inline constexpr std::size_t kMaxCutsKept = 10'000;

// What became of one recorded send ("P1:17"), as its client saw it.
struct SentRecord {
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::uint64_t digest = 0;
  std::int64_t invoked = -1;  // numbers of events
  std::int64_t completed = -1;
  Instant invoked_at{};
  Instant completed_at{};
  std::int32_t attempts = 0;
  enum class Outcome : std::uint8_t { open, acknowledged, failed, unknown } outcome = Outcome::open;
};

// A log that became shorter: its records from `to` on are gone.
struct LogCut {
  std::string node;
  std::string key;  // "orders-0"
  std::int64_t event = -1;
  Instant at{};
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string why;
};

class FactChecks {
 public:
  // Every fact of the run, in order. `node` emitted it; `sequence` is its number.
  void on(std::string_view node, Instant at, std::int64_t sequence, const Fact&);

  // Recorded sends by identity, in the order of invocation.
  [[nodiscard]] const std::vector<std::pair<std::string, SentRecord>>& sent() const {
    return sent_;
  }
  [[nodiscard]] const SentRecord* find_sent(std::string_view id) const;

  // What the checks below object to, whatever the configuration and the faults.
  [[nodiscard]] std::int64_t breaches() const;

  FactTally sequences;            // appended batches of idempotent producers
  FactTally served;               // fetches answered, against end and high watermark
  FactTally polled;               // records polled, against what was sent
  FactTally assertions;           // lives of nodes; breaches are assertions that failed
  std::int64_t retries = 0;       // attempts beyond the first
  std::int64_t deduplicated = 0;  // retries that the log recognised
  std::int64_t appended = 0;      // batches
  std::int64_t acks = 0;
  std::vector<LogCut> cuts;                         // kMaxCutsKept at most
  std::map<std::string, std::int64_t> start_moved;  // "orders-0" -> the highest log start

  // A client whose reading is no progress of the system's users: the harness's own drain.
  std::string onlooker;

  // The guarantees of clusters.
  AgreementWatch agreement;
  EpochWatch epochs;
  WatermarkWatch watermarks;
  MetadataWatch metadata;
  PartitionWatch partitions;
  IsrWatch in_sync;
  AnswerWatch answers;
  ProgressWatch progress;

 private:
  struct Producer {
    std::int32_t next = -1;  // the sequence that must follow; -1: any may
    std::int64_t last_offset = -1;
  };
  struct Log {
    std::int64_t end = -1;             // -1: not known
    std::int64_t high_watermark = -1;  // -1: not known
    std::int32_t epoch = -1;           // of the batch that was appended last
    bool leads = false;
    std::map<std::pair<std::int64_t, std::int16_t>, Producer> producers;
  };

  [[nodiscard]] SentRecord* find_sent(std::string_view id);
  void on_log(std::string_view node, Instant at, std::int64_t sequence, const Fact&);
  void watch(const watching::Seen&);
  void on_append(Log&, std::int64_t sequence, const Fact&);
  [[nodiscard]] bool follows_deleted(const Log&, const Fact&) const;
  static void forget_beyond(Log&, std::int64_t end);
  void on_start_moved(Log&, const Fact&);
  [[nodiscard]] bool is_replica(const Fact& served);
  void on_cut(Log&, std::string_view node, Instant at, std::int64_t sequence, const Fact&);
  void on_served(Log&, std::string_view node, std::int64_t sequence, const Fact&);
  void on_client(Instant at, std::int64_t sequence, const Fact&);
  void on_outcome(Instant at, std::int64_t sequence, const Fact&, SentRecord::Outcome);
  void on_poll_record(std::int64_t sequence, const Fact&);

  std::vector<std::pair<std::string, SentRecord>> sent_;
  IdentityIndex sent_ids_;  // numbers in sent_
  watching::ByPartition<watching::ByNode<Log>> logs_;
  std::map<std::string, bool, std::less<>> replicated_;  // "orders-0" has replicas with roles
};

}  // namespace weir
