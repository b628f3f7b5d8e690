// The judges of single guarantees, and what they share.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/promises.h"
#include "checkers/truth.h"
#include "checkers/verdict.h"

namespace weir::judging {

// The logs read back, by partition.
class Shelf {
 public:
  explicit Shelf(const std::vector<ReadbackLog>& logs);

  [[nodiscard]] const std::vector<ReadbackLog>& logs() const { return logs_; }
  // The replicas of a partition.
  [[nodiscard]] const std::vector<std::uint32_t>& replicas(std::string_view topic,
                                                           std::int32_t partition) const;

 private:
  const std::vector<ReadbackLog>& logs_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> replicas_;
  std::vector<std::uint32_t> none_;
};

// Which logs of a partition tell what is stored, and which must hold all that was acknowledged.
class Copies {
 public:
  Copies(const Evidence&, const Shelf&);

  struct Holders {
    std::vector<std::uint32_t> logs;  // in Shelf::logs()
    // Each of them must hold it: the ISR, or the only log there is. Otherwise one of them must,
    // since nobody knows the ISR for certain: its last change may have been committed and not told.
    bool each = true;
  };
  [[nodiscard]] const Holders& holders(std::string_view topic, std::int32_t partition) const;
  // One log for each partition: its leader's, else the one of the newest epoch that reaches
  // furthest. A replica that is out of sync may hold what was never committed.
  [[nodiscard]] const std::vector<std::uint32_t>& reference_logs() const { return references_; }
  [[nodiscard]] const ReadbackLog* reference(std::string_view topic, std::int32_t partition) const;
  // Nodes that are in sync for certain.
  [[nodiscard]] static std::vector<std::string> certain_isr(const Evidence&, std::string_view topic,
                                                            std::int32_t partition);

 private:
  struct Partition {
    Holders holders;
    std::uint32_t reference = 0;
  };
  [[nodiscard]] Partition look(const Evidence&, const std::vector<std::uint32_t>& logs) const;

  const Shelf& shelf_;
  std::map<std::pair<std::string, std::int32_t>, Partition, watching::PartitionBefore> partitions_;
  std::vector<std::uint32_t> references_;
  Holders none_;
};

// Violations made of findings. `facts` of the run, where they are at hand, tell more of the cause.
class Teller {
 public:
  Teller(const History& history, const FactChecks* facts) : history_(history), facts_(facts) {}

  [[nodiscard]] Violation plain(const Finding&) const;      // by its own argument
  [[nodiscard]] Violation loss(const Finding&) const;       // for durability.acked
  [[nodiscard]] Violation missing(const Finding&) const;    // the same for delivery
  [[nodiscard]] Violation duplicate(const Finding&) const;  // for dup.idempotent
  [[nodiscard]] Violation stored_twice(const Finding&) const;
  [[nodiscard]] Violation vanished(const Finding&) const;

 private:
  [[nodiscard]] const HistoryOp* op_of(const Finding&, std::string_view field) const;
  void tell_cut(Violation&, const Finding&, const std::string& node) const;

  const History& history_;
  const FactChecks* facts_;
};

[[nodiscard]] Verdict judge_produce_progress(const Evidence&);
[[nodiscard]] Verdict judge_consume_progress(const Evidence&, const Copies&);
[[nodiscard]] Verdict judge_replica_progress(const Evidence&);
[[nodiscard]] Verdict judge_controller_progress(const Evidence&);
[[nodiscard]] Verdict judge_agreement(const Evidence&, const Shelf&, const Copies&);
[[nodiscard]] Verdict judge_single_leader(const Evidence&);
// For read.visibility.
[[nodiscard]] WatchTruth judge_searches(const Evidence&, const Shelf&);
[[nodiscard]] Verdict judge_watermarks(const Evidence&);
[[nodiscard]] Verdict judge_metadata(const Evidence&);
[[nodiscard]] Verdict judge_isr(const Evidence&);
[[nodiscard]] Verdict judge_elections(const Evidence&);
[[nodiscard]] Verdict judge_soundness(const Evidence&);

// What only nodes can tell of, in the order of the table.
[[nodiscard]] std::vector<Verdict> judge_nodes(const Evidence&, const Shelf&, const Copies&);
// The whole table: what clients and what nodes can tell of.
[[nodiscard]] std::vector<Verdict> whole_table(std::vector<Verdict> clients,
                                               const std::vector<Verdict>& nodes);

// A verdict with its promise, the scenario's claim counted in.
[[nodiscard]] Verdict begin(std::string id, const RunSummary&, Promise);
// Sets the word: breaches break what is promised; what was not exercised says so; a run that was
// cut short leaves the rest unknown.
void conclude(Verdict&, const std::string& limit, std::int64_t breaches, bool exercised);
// Keeps the violation unless there are enough.
void keep(Verdict&, Violation);
[[nodiscard]] Violation violation_of(const FactBreach&);

// "1 record", "5,912 records".
[[nodiscard]] std::string counted(std::int64_t n, std::string_view one, std::string_view many);
[[nodiscard]] std::string event_at(std::int64_t event);  // "event #117"

}  // namespace weir::judging
