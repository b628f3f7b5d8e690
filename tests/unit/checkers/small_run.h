// A run of one broker and one producer, told fact by fact, for the judges to look at.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checkers/checkers.h"
#include "checkers/history_recorder.h"

namespace weir {

// A small run: one broker, one topic, one producer, records sent one after the other.
class SmallRun {
 public:
  SmallRun() {
    summary.topics.push_back({"orders", 1, 1, {}});
    summary.clients.push_back({"P1", true, false, {{"acks", "all"}}, false});
    summary.clients.push_back({"C1", false, true, {}, false});
    summary.final_drain = summary.drain_complete = true;
    summary.liveness_limit = std::chrono::seconds(2);
    log.topic = "orders";
    log.node = "b1";
    fact("b1", {.kind = FactKind::node_started});
    fact("b1", on_log({.kind = FactKind::log_opened}));
  }

  std::int64_t fact(const std::string& node, const Fact& f) {
    ++sequence_;
    at_.ns += 1'000'000;
    checks.on(node, at_, sequence_, f);
    recorder_.on(node, 1, at_, sequence_, f);
    return sequence_;
  }

  static Fact on_log(Fact f) {
    f.topic = "orders";
    f.partition = 0;
    return f;
  }

  void invoke(std::int64_t n) {
    const std::string id = "P1:" + std::to_string(n);
    fact("P1",
         on_log(
             {.kind = FactKind::send_invoked, .operation = n, .digest = digest(n), .record = id}));
  }
  void attempt(std::int64_t n, std::int64_t number) {
    const std::string id = "P1:" + std::to_string(n);
    fact("P1",
         on_log({.kind = FactKind::send_attempted, .value = number, .operation = n, .record = id}));
  }
  void append(std::int64_t n, std::int32_t sequence = -1) {
    const std::int64_t offset = log.log_end++;
    const std::int64_t producer = sequence >= 0 ? 1 : -1;
    fact("b1", on_log({.kind = FactKind::log_appended,
                       .producer_epoch = 0,
                       .sequence = sequence,
                       .old = offset,
                       .value = offset,
                       .producer = producer}));
    log.records.push_back({offset, 0, producer, 0, sequence, digest(n), "P1:" + std::to_string(n)});
  }
  void acknowledge(std::int64_t n, std::int64_t offset) {
    const std::string id = "P1:" + std::to_string(n);
    fact("P1",
         on_log(
             {.kind = FactKind::send_acknowledged, .value = offset, .operation = n, .record = id}));
  }
  void send(std::int64_t n, std::int32_t sequence = -1) {
    invoke(n);
    attempt(n, 1);
    const std::int64_t offset = log.log_end;
    append(n, sequence);
    acknowledge(n, offset);
  }
  void read_all() {
    fact("C1", on_log({.kind = FactKind::poll_invoked, .operation = 0}));
    for (const ReadbackRecord& r : log.records) {
      fact("C1", on_log({.kind = FactKind::poll_record,
                         .value = r.offset,
                         .operation = 0,
                         .digest = r.digest,
                         .record = r.id}));
    }
    fact("C1", on_log({.kind = FactKind::poll_completed, .operation = 0}));
  }
  static std::uint64_t digest(std::int64_t n) { return static_cast<std::uint64_t>(n) * 7 + 1; }

  std::vector<Verdict> judged() {
    summary.end = at_;
    History history = recorder_.take();
    history.config.final_drain = summary.drain_complete;
    const std::vector<ReadbackLog> logs = {log};
    const Evidence evidence{checks, logs, summary};
    tell_truth(history, evidence);
    return judge(history, find(history), evidence);
  }
  Verdict judged(const std::string& id) {
    for (const Verdict& v : judged()) {
      if (v.id == id) return v;
    }
    ADD_FAILURE() << "no guarantee " << id;
    return {};
  }

  RunSummary summary;
  ReadbackLog log;
  FactChecks checks;

 private:
  HistoryRecorder recorder_;
  std::int64_t sequence_ = 0;
  Instant at_{};
};

}  // namespace weir
