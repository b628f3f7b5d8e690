// Facts become a history: sends, polls, positions, crashes, faults.
#include <gtest/gtest.h>

#include "checkers/checkers.h"
#include "checkers/history_json.h"
#include "checkers/history_recorder.h"

namespace weir {
namespace {

class Recording {
 public:
  void on(const std::string& node, std::uint64_t life, const Fact& fact) {
    ++time_;
    recorder_.on(node, life, Instant{time_ * 1000}, time_ + 100, fact);
  }
  [[nodiscard]] History take() { return recorder_.take(); }

 private:
  HistoryRecorder recorder_;
  std::int64_t time_ = 0;
};

Fact send(FactKind kind, std::int64_t operation, const char* id, std::int32_t partition,
          std::int64_t offset = 0, const char* why = "") {
  return {.kind = kind,
          .partition = partition,
          .topic = "orders",
          .value = offset,
          .operation = operation,
          .digest = 255,
          .record = id,
          .why = why};
}

Fact polled(std::int64_t operation, std::int32_t partition, std::int64_t offset, const char* id) {
  return {.kind = FactKind::poll_record,
          .partition = partition,
          .epoch = 4,
          .topic = "orders",
          .value = offset,
          .operation = operation,
          .digest = 255,
          .record = id};
}

TEST(HistoryRecorder, WritesPipelinedSendsAndPolls) {
  Recording r;
  r.on("P1", 1, {.kind = FactKind::client_configured, .why = R"({"acks":"all"})"});
  r.on("P1", 1, send(FactKind::send_invoked, 0, "P1:0", -1));
  r.on("P1", 1, send(FactKind::send_invoked, 1, "P1:1", 0));
  r.on("b1", 1, {.kind = FactKind::log_appended, .topic = "orders"});
  r.on("P1", 1, send(FactKind::send_unknown, 1, "P1:1", 0, -1, "REQUEST_TIMED_OUT"));
  r.on("P1", 1, send(FactKind::send_acknowledged, 0, "P1:0", 0, 7));
  r.on("C1", 1, {.kind = FactKind::poll_invoked, .operation = 3});
  r.on("C1", 1, polled(3, 0, 7, "P1:0"));
  r.on("C1", 1, polled(3, 1, 0, "P2:0"));
  r.on("C1", 1, polled(3, 0, 8, "P1:1"));
  r.on("C1", 1, {.kind = FactKind::poll_completed, .value = 3, .operation = 3});
  EXPECT_EQ(write_history(r.take()),
            R"({"format":"weir-history/1","config":{}}
{"index":0,"time":1000,"process":0,"type":"event","f":"client","value":{"client":"P1","config":{"acks":"all"}},"fact":101}
{"index":1,"time":2000,"process":0,"type":"invoke","f":"send","value":[["send","orders-?","P1:0",{"digest":"00000000000000ff"}]],"op":0,"fact":102}
{"index":2,"time":3000,"process":0,"type":"invoke","f":"send","value":[["send","orders-0","P1:1",{"digest":"00000000000000ff"}]],"op":1,"fact":103}
{"index":3,"time":5000,"process":0,"type":"info","f":"send","value":[["send","orders-0",[null,"P1:1"]]],"op":1,"error":"REQUEST_TIMED_OUT","fact":105}
{"index":4,"time":6000,"process":0,"type":"ok","f":"send","value":[["send","orders-0",[7,"P1:0"]]],"op":0,"fact":106}
{"index":5,"time":7000,"process":1,"type":"invoke","f":"poll","value":[["poll"]],"op":3,"fact":107}
{"index":6,"time":11000,"process":1,"type":"ok","f":"poll","value":[["poll",{"orders-0":[[7,"P1:0",{"leader_epoch":4,"digest":"00000000000000ff"}],[8,"P1:1",{"leader_epoch":4,"digest":"00000000000000ff"}]],"orders-1":[[0,"P2:0",{"leader_epoch":4,"digest":"00000000000000ff"}]]}]],"op":3,"fact":111}
{"end":true,"operations":4}
)");
}

TEST(HistoryRecorder, GivesEveryIncarnationAProcessAndItsCrash) {
  Recording r;
  r.on("P1", 1, send(FactKind::send_invoked, 0, "P1:0", 0));
  r.on("b1", 1, {.kind = FactKind::node_killed});
  r.on("P1", 1, {.kind = FactKind::node_killed});
  r.on("P1", 2, send(FactKind::send_invoked, 1, "P1:1", 0));
  const History h = r.take();
  ASSERT_EQ(h.ops.size(), 4u);
  EXPECT_EQ(h.ops[1].function, OpFunction::crash);
  EXPECT_EQ(h.ops[2].type, OpType::info);
  EXPECT_EQ(h.ops[0].process, 0);
  EXPECT_EQ(h.ops[3].process, 1);
}

TEST(HistoryRecorder, GivesPositionsTheirCauses) {
  Recording r;
  const auto assigned = [](std::int32_t partition) {
    return Fact{.kind = FactKind::consumer_assigned,
                .partition = partition,
                .topic = "orders",
                .operation = 0};
  };
  r.on("C1", 1, assigned(0));
  r.on("C1", 1, assigned(1));
  r.on("C1", 1,
       {.kind = FactKind::consumer_seek,
        .partition = 0,
        .topic = "orders",
        .value = 5,
        .why = "seek"});
  r.on("C1", 1,
       {.kind = FactKind::consumer_seek,
        .partition = 1,
        .topic = "orders",
        .value = -2,
        .why = "beginning"});
  r.on("C1", 1,
       {.kind = FactKind::position_reset,
        .partition = 1,
        .topic = "orders",
        .old = -1,
        .value = 3,
        .why = "earliest: out of range"});
  r.on("C1", 1, {.kind = FactKind::fault_injected, .record = "blink", .why = "kill b2"});
  const std::string text = write_history(r.take());
  EXPECT_NE(text.find(R"("f":"assign","value":["orders-0","orders-1"],"op":0)"), std::string::npos);
  EXPECT_NE(text.find(R"("f":"seek","value":{"orders-0":5})"), std::string::npos);
  EXPECT_NE(text.find(R"({"orders-1":{"from":null,"to":null,"policy":"beginning"}})"),
            std::string::npos);
  EXPECT_NE(text.find(R"({"orders-1":{"from":null,"to":3,"policy":"earliest: out of range"}})"),
            std::string::npos);
  EXPECT_NE(text.find(R"("process":null,"type":"event","f":"fault","value":{"kind":"kill",)"
                      R"("node":"b2","label":"blink","phase":"begins"})"),
            std::string::npos);
  auto again = read_history(text, "x");
  ASSERT_TRUE(std::holds_alternative<History>(again));
  EXPECT_EQ(write_history(std::get<History>(again)), text);
}

TEST(HistoryRecorder, FindsTheRecordWhoseProducerDiedBeforeItKnewThePartition) {
  Recording r;
  r.on("P1", 1, send(FactKind::send_invoked, 0, "P1:0", -1));
  r.on("P1", 1, send(FactKind::send_invoked, 1, "P1:1", -1));
  r.on("P1", 1, send(FactKind::send_acknowledged, 1, "P1:1", 3, 0));
  r.on("P1", 1, {.kind = FactKind::node_killed});
  r.on("C1", 1, {.kind = FactKind::poll_invoked, .operation = 0});
  r.on("C1", 1, polled(0, 3, 0, "P1:1"));
  r.on("C1", 1, polled(0, 3, 1, "P1:0"));
  r.on("C1", 1, {.kind = FactKind::poll_completed, .value = 2, .operation = 0});
  const Findings found = find(r.take());
  for (const Finding& f : found.findings) ADD_FAILURE() << f.argument;
}

TEST(HistoryRecorder, LetsEachClientsConfigurationDecide) {
  for (const bool idempotent : {true, false}) {
    Recording r;
    const std::string config = std::string(R"({"acks":"all","enable.idempotence":)") +
                               (idempotent ? "true" : "false") +
                               R"(,"max.in.flight.requests.per.connection":5,"retries":3})";
    r.on("P1", 1, {.kind = FactKind::client_configured, .why = config});
    r.on("P1", 1, send(FactKind::send_invoked, 0, "P1:0", 0));
    r.on("P1", 1, send(FactKind::send_invoked, 1, "P1:1", 0));
    r.on("P1", 1, send(FactKind::send_acknowledged, 1, "P1:1", 0, 0));
    r.on("P1", 1, send(FactKind::send_acknowledged, 0, "P1:0", 0, 1));
    const Findings found = find(r.take());
    EXPECT_EQ(found.findings.size(), idempotent ? 1u : 0u);
    EXPECT_EQ(found.notes.size(), idempotent ? 0u : 1u);
  }
}

}  // namespace
}  // namespace weir
