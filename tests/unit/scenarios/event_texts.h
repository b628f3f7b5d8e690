// Small event logs for tests: a line a fact, written as events.jsonl has it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "scenarios/event_file.h"

namespace weir {

class EventTexts {
 public:
  // `rest` are further members, such as R"("tp":"orders-0","value":1)".
  EventTexts& add(std::int64_t seq, std::int64_t cause, const std::string& node,
                  const std::string& what, const std::string& rest = {}) {
    text_ += "{\"seq\":" + std::to_string(seq) + ",\"t\":" + std::to_string(seq * 1'000'000) +
             ",\"n\":\"" + node + "\",\"k\":\"state\",\"cause\":" + std::to_string(cause) +
             ",\"what\":\"" + what + "\"" + (rest.empty() ? "" : "," + rest) + "}\n";
    return *this;
  }

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] EventFile file() const {
    std::string error;
    EventFile file = EventFile::parse(text_, error);
    EXPECT_EQ(error, "");
    return file;
  }

 private:
  std::string text_;
};

// KIP-101's loss: b2 has the record and is in sync, dies before it hears of the watermark, cuts its
// log to its own, and leads when b1 has died.
inline EventTexts a_lost_record() {
  EventTexts log;
  log.add(1, 0, "b1", "node.started").add(2, 0, "b2", "node.started");
  log.add(3, 0, "C1", "poll.invoked", R"("op":0)");
  log.add(10, 0, "P1", "send.invoked", R"("topic":"orders","value":5,"op":0,"record":"P1:0")");
  log.add(11, 10, "P1", "send.attempted",
          R"("tp":"orders-0","old":0,"value":1,"op":0,"record":"P1:0","peer":"b1")");
  log.add(12, 11, "b1", "log.appended", R"("tp":"orders-0","epoch":1)");
  log.add(13, 12, "b2", "log.appended", R"("tp":"orders-0","epoch":1)");
  log.add(14, 13, "b1", "hw.advanced", R"("tp":"orders-0","old":0,"value":1,"epoch":1)");
  log.add(15, 14, "P1", "send.acknowledged", R"("tp":"orders-0","op":0,"record":"P1:0")");
  log.add(16, 0, "b2", "fault.injected", R"("op":0,"record":"follower blinks","why":"kill b2")");
  log.add(17, 16, "b2", "node.killed");
  log.add(20, 16, "b2", "node.started");
  log.add(21, 20, "b2", "log.truncated",
          R"("tp":"orders-0","old":1,"value":0,"why":"own high watermark was 0")");
  log.add(22, 0, "b1", "fault.injected", R"("op":1,"why":"kill b1")");
  log.add(23, 22, "b1", "node.killed");
  log.add(25, 21, "b2", "replica.leads", R"("tp":"orders-0","epoch":2,"old":0,"value":0)");
  log.add(30, 25, "C1", "poll.completed", R"("op":0)");
  log.add(40, 0, "b1", "healed");
  return log;
}

}  // namespace weir
