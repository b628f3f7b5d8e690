// Verdicts: what each guarantee promised in this run, and whether it was kept.
//
// Five words, never a bare pass: holds | VIOLATED | not exercised | not promised | unknown, always
// with how much was looked at. A guarantee is judged from the findings, the facts seen online, the
// logs read back from the disks at the end, the configuration and the faults. The promise follows
// from configuration and faults alone, and its derivation is kept as `because` lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/base/time.h"
#include "checkers/fact_checks.h"
#include "checkers/finding.h"
#include "checkers/history.h"
#include "checkers/judged.h"

namespace weir {

// A record of a log read back from a disk. (Not called StoredRecord: broker/storage has a type of
// that name, and so it is with AckLevel and the client's Acks; one program links both.)
struct ReadbackRecord {
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t sequence = -1;
  std::uint64_t digest = 0;  // of key and value
  std::string id = {};       // "P1:17"; empty: not one of a recorded client
  std::int64_t timestamp = -1;
};

// One replica's log of a partition, as it lies on its node's disk at the end.
struct ReadbackLog {
  std::string topic;
  std::int32_t partition = 0;
  std::string node;
  std::int64_t log_start = 0;
  std::int64_t log_end = 0;
  std::vector<ReadbackRecord> records;  // by offset; batches in the log's order
  std::string damage;                   // what could not be read, in words; empty: all was read
};

using ConfigTexts = std::map<std::string, std::string, std::less<>>;  // Kafka's names and texts

struct ClientSummary {
  std::string id;
  bool producer = false;
  bool consumer = false;
  // Effective configuration: acks, enable.idempotence, retries, transactional.id,
  // max.in.flight.requests.per.connection, isolation.level, enable.auto.commit, group.id.
  ConfigTexts config;
  // Of a consumer with a group: positions are committed before the records are processed.
  bool commits_before_processing = false;
};

struct TopicSummary {
  std::string name;
  std::int64_t partitions = 1;
  std::int64_t replicas = 1;
  // Effective: min.insync.replicas, unclean.leader.election.enable, flush.messages, cleanup.policy.
  ConfigTexts config;
};

// A fault that really struck.
struct FaultSummary {
  std::string kind;  // "kill", "power_loss", ... as scenarios write it
  std::string node;  // whom; empty for faults between nodes
  bool broker = false;
  std::int64_t event = -1;
  // It struck while the fault budget allowed it (Strike::in_budget): whole copies were left.
  bool in_budget = false;
};

// A partition as the metadata log has it at the end, where somebody read that back.
struct PartitionSummary {
  std::string topic;
  std::int32_t partition = 0;
  std::string leader;  // nodes; empty: none
  std::vector<std::string> isr;
};

// All that a judge must know about a run beside its facts and logs.
struct RunSummary {
  bool cluster =
      true;  // has controllers and replicas; else the guarantees of clusters are left out
  std::vector<ClientSummary> clients;
  std::vector<TopicSummary> topics;
  std::vector<FaultSummary> faults;
  std::vector<PartitionSummary> partitions;  // empty: what the facts told is taken
  Instant healed{};                          // when the last fault was over; 0 without faults
  Instant end{};                             // of the run
  Duration liveness_limit{};                 // progress is demanded within this time after `healed`
  bool final_drain = false;                  // the drain was asked for ...
  bool drain_complete = false;               // ... and reached the end of every partition
  bool pipeline = false;                     // apps turn inputs into outputs
  std::string limit;                         // the limit that cut the run short; empty: none
  std::vector<std::string> promise;  // guarantees that the scenario claims whatever is configured
  std::vector<std::string> require_exercised;  // and those that the run must put to the test
};

// What a run tells of itself beside its history.
struct Evidence {
  const FactChecks& facts;
  const std::vector<ReadbackLog>& logs;
  const RunSummary& run;
};

// Adds to a history what only its run knows, so that whoever judges it later judges the same.
void tell_truth(History&, const Evidence&);

// The guarantees that are judged now, in the order of the table: those of the history (with its
// truth told, see judge_guarantees in checkers.h), and those that only facts can tell of.
// determinism is added by whoever ran the scenario twice: see judge_determinism.
[[nodiscard]] std::vector<Verdict> judge(const History&, const Findings&, const Evidence&);

// `doubled` runs were repeated; `differing` of them had another fingerprint. `where` is the first
// difference, for people.
[[nodiscard]] Verdict judge_determinism(std::int64_t doubled, std::int64_t differing,
                                        const std::string& where = {});

}  // namespace weir
