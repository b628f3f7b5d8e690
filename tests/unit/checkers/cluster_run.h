// A told run of a cluster with the logs that were read back at its end, and what is judged of it.
#pragma once

#include <algorithm>
#include <memory>

#include "checkers/checkers.h"
#include "checkers/history_recorder.h"
#include "checkers/judge.h"
#include "checkers/verdict.h"
#include "telling.h"

namespace weir::test {

inline ReadbackRecord record(std::int64_t offset, std::int32_t epoch = 0, std::uint64_t digest = 7,
                             const std::string& id = {}) {
  ReadbackRecord r;
  r.offset = offset;
  r.leader_epoch = epoch;
  r.digest = digest;
  r.id = id;
  return r;
}

class ClusterRun : public Telling {
 public:
  ClusterRun() {
    summary.topics.push_back({"orders", 1, 3, {{"min.insync.replicas", "2"}}});
    summary.clients.push_back({"P1", true, false, {{"acks", "all"}}, false});
    summary.liveness_limit = std::chrono::seconds(2);
  }

  // A log read back; its end is behind its last record.
  ReadbackLog& holds(const std::string& node, std::vector<ReadbackRecord> records) {
    ReadbackLog log;
    log.topic = topic;
    log.node = node;
    log.log_end = records.empty() ? 0 : records.back().offset + 1;
    log.records = std::move(records);
    logs.push_back(std::move(log));
    return logs.back();
  }
  // The brokers run and are registered; c1 is in office and told who is in sync.
  void stands(std::string_view state, std::int64_t leader_id = 1, std::int32_t leader_epoch = 0) {
    takes_office("c1", 1);
    for (const std::int32_t broker : {1, 2, 3}) {
      starts("b" + std::to_string(broker));
      about_broker("c1", FactKind::broker_registered, broker, "first");
      about_broker("c1", FactKind::broker_unfenced, broker);
    }
    changes("c1", 0, leader_epoch, leader_id, state);
  }
  void sends(const std::string& id, std::int64_t offset, std::uint64_t digest = 7) {
    Fact f = of(FactKind::send_invoked);
    f.record = id;
    f.digest = digest;
    tell("P1", f);
    f.kind = FactKind::send_acknowledged;
    f.value = offset;
    tell("P1", f);
  }
  void strikes(const std::string& kind, const std::string& node) {
    summary.faults.push_back({kind, node, node.starts_with('b'), last(), false});
  }

  std::vector<Verdict> judged() {
    summary.end = now();
    History history = recorder_.take();
    history.config.final_drain = summary.drain_complete;
    const Evidence evidence{checks, logs, summary};
    tell_truth(history, evidence);
    return judge(history, find(history), evidence);
  }
  Verdict judged(const std::string& id) {
    for (Verdict& v : judged()) {
      if (v.id == id) return std::move(v);
    }
    ADD_FAILURE() << "no guarantee " << id;
    return {};
  }

  RunSummary summary;
  std::vector<ReadbackLog> logs;

 protected:
  void heard(std::string_view node, const Fact& fact) override {
    recorder_.on(node, 1, now(), last(), fact);
  }

 private:
  HistoryRecorder recorder_;
};

// The arguments of all violations, with their records.
inline Lines arguments(const Verdict& v) {
  Lines lines;
  for (const Violation& violation : v.violations) {
    for (const std::string& argument : violation.argument) {
      lines.push_back((violation.record.empty() ? "" : violation.record + ": ") + argument);
    }
  }
  return lines;
}

}  // namespace weir::test
