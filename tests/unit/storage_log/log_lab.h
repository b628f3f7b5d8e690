// A laboratory for the partition log: one simulated machine, a script of operations, and a model
// that knows what the log owes after any crash.
//
// Debts: what was reported durable is there after a power loss, what was reported appended is there
// after a kill, what was reported truncated stays away, and nothing is there that was never
// appended.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker/storage/log/partition_log.h"
#include "sim/world.h"
#include "tests/unit/storage/batches.h"

namespace weir {

struct LogStep {
  enum class Do {
    append,     // a batch of `number` records
    replicate,  // `number` batches in one append, as a leader made them
    flush,
    epoch,     // the next leader epoch begins; number 1: the log learns it by the next append only
    truncate,  // `number` records from the end; back to a batch's beginning
    truncate_to_segment,  // all of the active segment
    log_start,            // to offset `number`
    maintain,
    reopen,  // close in order, and open
    reread,  // read all, and compare with the model
  };
  Do what = Do::append;
  std::int64_t number = 1;
};

struct ModelBatch {
  Offset base;
  std::vector<std::string> values;
  std::int32_t sequence = 0;
  LeaderEpoch epoch;
  [[nodiscard]] Offset end() const { return base + static_cast<std::int64_t>(values.size()); }
  friend bool operator==(const ModelBatch&, const ModelBatch&) = default;
};

struct LogModel {
  std::vector<ModelBatch> batches;  // as the log has told, also those below the log start
  std::vector<ModelBatch> unsure;   // an append without an answer, or with an error
  std::optional<Offset> cutting;    // a truncation without an answer
  Offset start{0};
  std::optional<Offset> starting;  // a log start without an answer
  Offset durable{0};
  LeaderEpoch epoch{0};
  std::int32_t next_value = 0;

  [[nodiscard]] Offset end() const { return batches.empty() ? Offset{0} : batches.back().end(); }
  [[nodiscard]] std::int32_t next_sequence() const {
    if (batches.empty()) return 0;
    return batches.back().sequence + static_cast<std::int32_t>(batches.back().values.size());
  }
};

// What lies in a log, read through the log itself.
struct LogContent {
  std::vector<ModelBatch> batches;
  ErrorCode error = ErrorCode::none;
};

class LogLab {
 public:
  static constexpr std::int64_t kProducer = 77;

  explicit LogLab(std::uint64_t seed = 1, LogConfig config = small(), bool buggify = false);
  [[nodiscard]] static LogConfig small();

  // Starts a life that carries out the steps, and runs until it has ended, or until the disk has
  // begun `stop_at` operations since the world's beginning. Yields whether the script came to its
  // end.
  bool run(std::vector<LogStep> steps, std::uint64_t stop_at = UINT64_MAX);
  // After a kill: the next life first checks that all is there, and takes what it could not know
  // (an append that had no answer) from the log.
  void settle_next() { settle_next_ = true; }
  // A life that opens the log and checks that all debts are paid. `power_lost`: only durable ones.
  void check(bool power_lost);

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] NodeId node() const { return node_; }
  [[nodiscard]] DiskModel& disk() { return world_.disk(node_); }
  [[nodiscard]] LogModel& model() { return model_; }
  // What went wrong, one sentence each; tests expect none.
  std::vector<std::string> complaints;
  std::size_t errors_met = 0;

 private:
  Task<> carry_out(Machine& machine, std::vector<LogStep> steps);
  Task<> take_step(Machine& machine, LogStep step);
  Task<> open(Machine& machine);
  ModelBatch next_batch(std::int64_t records);
  Task<ErrorCode> append(std::int64_t records);
  Task<ErrorCode> replicate(std::int64_t batches);
  Task<ErrorCode> truncate(Offset to);
  Task<ErrorCode> move_start(Offset to);
  Task<ErrorCode> try_step(LogStep step);
  Task<> reopen(Machine& machine);
  Task<> settle();
  Task<> verify(Machine& machine, bool power_lost);
  Task<LogContent> read_all();
  void compare(const LogContent& content, bool power_lost);
  void compare_epochs(const LogContent& content);
  Task<> compare_producer(std::vector<ModelBatch> stored);
  void complain(std::string what) { complaints.push_back(std::move(what)); }

  LogConfig config_;
  LogModel model_;
  std::unique_ptr<PartitionLog> log_;  // of the present life
  std::function<Task<>(Machine&)> main_;
  bool ended_ = false;
  bool settle_next_ = false;
  World world_;  // dies first
  NodeId node_;
};

}  // namespace weir
