// A laboratory for cleaning: one simulated machine, a compacted log, a script, and what the log
// owes to its keys.
//
// Debts: below the high watermark (everything flushed) every record is there, or a later one of its
// key that lies below it, too; offsets never change; what was never appended is not there; the last
// sequence of the producer is known. A tombstone may be missing only when its time has passed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/storage/log/partition_log.h"
#include "sim/world.h"
#include "tests/unit/storage/keyed_batches.h"

namespace weir {

struct KeyStep {
  enum class Do {
    append,   // a batch of `number` records, keys in turn
    flush,    // and the high watermark follows
    compact,  // up to the high watermark
    maintain,
    wait,       // the wall clock goes `number` ms on
    log_start,  // to offset `number`, or the high watermark if that is lower
    truncate,   // to the high watermark
    reopen,     // close in order, and open
  };
  Do what = Do::append;
  std::int64_t number = 1;
};

class KeyLab {
 public:
  static constexpr std::int64_t kProducer = 77;
  static constexpr std::size_t kKeys = 5;

  explicit KeyLab(std::uint64_t seed = 1, LogConfig config = small(), bool buggify = false);
  [[nodiscard]] static LogConfig small();

  // Runs the steps in a new life until they are through, or until the disk has begun `stop_at`
  // operations. Yields whether they came to their end.
  bool run(std::vector<KeyStep> steps, std::uint64_t stop_at = UINT64_MAX);
  // A life that opens the log, checks it, cleans it, and checks it again.
  void check();

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] NodeId node() const { return node_; }
  [[nodiscard]] DiskModel& disk() { return world_.disk(node_); }
  std::vector<std::string> complaints;
  std::size_t errors_met = 0;
  std::size_t cleanings = 0;  // that did something
  std::int64_t removed = 0;

 private:
  struct Appended {
    std::string key;
    std::optional<std::string> value;
    friend bool operator==(const Appended&, const Appended&) = default;
  };
  using Records = std::map<Offset, Appended>;

  Task<> carry_out(Machine& machine, std::vector<KeyStep> steps);
  Task<> verify(Machine& machine);
  Task<> open(Machine& machine);
  Task<ErrorCode> take_step(Machine& machine, KeyStep step);
  Task<ErrorCode> append(std::int64_t records);
  Task<ErrorCode> compact();
  Task<Records> read_all();
  void compare(const Records& found);
  Task<> compare_producer();
  void settle();
  void complain(std::string what) { complaints.push_back(std::move(what)); }

  LogConfig config_;
  Records appended_;
  std::map<Offset, std::pair<std::int32_t, std::int64_t>> batches_;  // base -> sequence, records
  Offset high_watermark_{0};
  Offset cleaned_below_{0};  // the most that any cleaning may have reached
  Offset start_{0};
  std::optional<Offset> starting_;
  std::int32_t next_sequence_ = 0;
  std::int64_t next_key_ = 0;
  bool time_passed_ = false;  // tombstones may be gone
  std::unique_ptr<PartitionLog> log_;
  std::function<Task<>(Machine&)> main_;
  bool ended_ = false;
  World world_;  // dies first
  NodeId node_;
};

}  // namespace weir
