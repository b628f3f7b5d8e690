// The judges of single guarantees, and what they share.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/promises.h"
#include "checkers/verdict.h"

namespace weir::judging {

// The logs read back, by partition and record.
class Shelf {
 public:
  explicit Shelf(const std::vector<ReadbackLog>& logs);

  struct Copy {
    std::uint32_t log;     // in logs()
    std::uint32_t record;  // in that log
  };

  [[nodiscard]] const std::vector<ReadbackLog>& logs() const { return logs_; }
  // The replicas of a partition.
  [[nodiscard]] const std::vector<std::uint32_t>& replicas(std::string_view topic,
                                                           std::int32_t partition) const;
  // The record lies at that offset.
  [[nodiscard]] bool lies_at(std::uint32_t log, std::string_view id, std::int64_t offset) const;
  // The copies of a record in one log, by offset.
  [[nodiscard]] std::vector<std::int64_t> offsets_of(std::uint32_t log, std::string_view id) const;
  // The place of a record in any log, or an empty text.
  [[nodiscard]] bool anywhere(std::string_view topic, std::string_view id) const;

 private:
  const std::vector<ReadbackLog>& logs_;
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> replicas_;
  std::vector<bool> in_order_;  // per log: by offset, as all are that no disk has lied about
  // Per log: identity and offset, sorted; made when it is first asked for.
  using Places = std::vector<std::pair<std::string_view, std::int64_t>>;
  mutable std::vector<std::optional<Places>> places_;
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

// A record that was acknowledged and is not where it was acknowledged.
struct Missing {
  const std::string* id;
  const SentRecord* sent;
  const ReadbackLog* log;       // the replica that lacks it, or null: there is none
  std::int64_t elsewhere = -1;  // its offset in that log, if it lies at another
  bool promised = false;
};

// What was looked for and not found, over all producers.
struct Survey {
  std::int64_t acknowledged = 0;  // with acks=1 or all
  std::int64_t promised = 0;      // of them, those whose survival was promised
  std::int64_t unconfirmed = 0;   // acks=0
  std::int64_t unconfirmed_missing = 0;
  bool claimed = false;        // those sent with acks=0 are among the missing
  std::int64_t retired = 0;    // below a log start that moved on purpose
  std::int64_t compacted = 0;  // not looked for: of a topic that keeps the latest of each key
  std::vector<Missing> missing;
};
[[nodiscard]] Survey survey(const Evidence&, const Shelf&, const Copies&, bool claimed);

// A record that lies more than once in one log.
struct Repeated {
  std::string_view id;
  const ReadbackLog* log;
  std::vector<std::int64_t> offsets;
  bool promised = false;
};
[[nodiscard]] std::vector<Repeated> find_repeated(const Evidence&, const Shelf&, const Copies&,
                                                  bool claimed);

[[nodiscard]] Verdict judge_durability(const Evidence&, const Survey&);
[[nodiscard]] Verdict judge_order(const Evidence&, const Shelf&, const Copies&);
[[nodiscard]] Verdict judge_duplicates(const Evidence&, const Shelf&, const Copies&,
                                       const std::vector<Repeated>&);
[[nodiscard]] Verdict judge_visibility(const Evidence&, const Shelf&, const Copies&);
[[nodiscard]] Verdict judge_at_most_once(const Evidence&, const Shelf&, const Copies&,
                                         const std::vector<Repeated>&);
[[nodiscard]] Verdict judge_at_least_once(const Evidence&, const Survey&);
[[nodiscard]] Verdict judge_exactly_once(const Evidence&, const Verdict& most,
                                         const Verdict& least);
[[nodiscard]] Verdict judge_produce_progress(const Evidence&);
[[nodiscard]] Verdict judge_consume_progress(const Evidence&, const Copies&);
[[nodiscard]] Verdict judge_replica_progress(const Evidence&);
[[nodiscard]] Verdict judge_controller_progress(const Evidence&);
[[nodiscard]] Verdict judge_agreement(const Evidence&, const Shelf&, const Copies&);
[[nodiscard]] Verdict judge_single_leader(const Evidence&);
[[nodiscard]] Verdict judge_watermarks(const Evidence&);
[[nodiscard]] Verdict judge_metadata(const Evidence&);
[[nodiscard]] Verdict judge_isr(const Evidence&);
[[nodiscard]] Verdict judge_elections(const Evidence&);
[[nodiscard]] Verdict judge_soundness(const Evidence&);

// A verdict with its promise, the scenario's claim counted in.
[[nodiscard]] Verdict begin(std::string id, const RunSummary&, Promise);
// Sets the word: breaches break what is promised; what was not exercised says so; a run that was
// cut short leaves the rest unknown.
void conclude(Verdict&, const RunSummary&, std::int64_t breaches, bool exercised);
// Keeps the violation unless there are enough.
void keep(Verdict&, Violation);
// A violation made of a finding of the history.
[[nodiscard]] Violation violation_of(const Finding&);
[[nodiscard]] Violation violation_of(const FactBreach&);

// "1 record", "5,912 records".
[[nodiscard]] std::string counted(std::int64_t n, std::string_view one, std::string_view many);
[[nodiscard]] std::string event_at(std::int64_t event);  // "event #117"

}  // namespace weir::judging
