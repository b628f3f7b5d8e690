// FactChecks: the checks that run along with a world, on every fact, in memory bounded by records.
//
// Three promises are watched where they could break: sequences per (producer id, epoch, partition)
// are contiguous in each node's log and no retry is stored twice; nothing beyond the high watermark
// is served; every polled record is the record that was sent. Self-report is no proof of what a
// disk holds: the logs read back at the end are judged in judge_*.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker/base/fact.h"
#include "broker/base/time.h"

namespace weir {

// Something that a fact broke. `about` says what, in words; record is "orders-0@17" or empty.
struct FactBreach {
  std::string record;
  std::int64_t made = -1;
  std::int64_t broken = -1;
  std::string about;
};

// A count, and the first breaches of a kind.
struct FactTally {
  std::int64_t looked_at = 0;
  std::int64_t breaches = 0;
  std::vector<FactBreach> kept;
};

inline constexpr std::size_t kMaxBreachesKept = 20;

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

class FactChecks {
 public:
  // Every fact of the run, in order. `node` emitted it; `sequence` is its number.
  void on(std::string_view node, Instant at, std::int64_t sequence, const Fact&);

  // Of recorded sends, by identity, in the order of invocation.
  [[nodiscard]] const std::vector<std::pair<std::string, SentRecord>>& sent() const {
    return sent_;
  }
  [[nodiscard]] const SentRecord* find_sent(std::string_view id) const;

  FactTally sequences;            // appended batches of idempotent producers
  FactTally served;               // fetches answered, against the high watermark
  FactTally polled;               // records polled, against what was sent
  std::int64_t retries = 0;       // attempts beyond the first
  std::int64_t deduplicated = 0;  // retries that the log recognised
  std::int64_t appended = 0;      // batches
  FactTally assertions;           // failed assertions of nodes
  std::int64_t node_lives = 0;    // nodes started

  // Progress after the last fault: -1 where it never came.
  Instant healed{};
  bool has_healed = false;
  std::int64_t first_ack_after_heal = -1;  // nanoseconds after `healed`
  std::int64_t first_record_after_heal = -1;
  std::int64_t sends_after_heal = 0;  // open at, or invoked after it
  std::int64_t polls_after_heal = 0;
  std::int64_t acks = 0;
  std::int64_t records_polled = 0;

 private:
  struct Sequences {
    std::int32_t next = -1;
    std::int64_t last_offset = -1;
  };
  struct LogState {
    std::int64_t high_watermark = 0;
  };

  void on_append(std::string_view node, std::int64_t sequence, const Fact&);
  void on_truncate(std::string_view node, const Fact&);
  void on_served(std::string_view node, std::int64_t sequence, const Fact&);
  void on_send(Instant at, std::int64_t sequence, const Fact&);
  void on_poll_record(Instant at, std::int64_t sequence, const Fact&);
  SentRecord& sent_record(std::string_view id);

  std::vector<std::pair<std::string, SentRecord>> sent_;
  std::unordered_map<std::string, std::uint32_t> sent_ids_;
  std::map<std::string, Sequences, std::less<>> sequences_;  // node/topic-partition/producer/epoch
  std::map<std::string, LogState, std::less<>> logs_;        // node/topic-partition
  std::int64_t open_sends_ = 0;
};

}  // namespace weir
