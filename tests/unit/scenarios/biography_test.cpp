// The life of a record in small logs, and its fate in the logs that were read back.
#include "scenarios/biography.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/scenarios/event_texts.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> words(const Biography& life) {
  std::vector<std::string> all;
  for (const LifeEvent& e : life.events) all.push_back(e.what);
  return all;
}

History with_logs(const std::vector<std::vector<std::string>>& logs) {
  History history;
  PartitionTruth partition;
  partition.key = history.names.intern("orders-0");
  std::int64_t node = 0;
  for (const std::vector<std::string>& log : logs) {
    ReplicaTruth replica;
    replica.node = "b" + std::to_string(++node);
    std::int64_t offset = 0;
    for (const std::string& id : log)
      replica.records.push_back({offset++, history.text_value(id), -1});
    partition.replicas.push_back(std::move(replica));
  }
  history.truth.emplace();
  history.truth->partitions.push_back(std::move(partition));
  return history;
}

Biography life_of(const EventTexts& log, const History& history, const std::string& record) {
  std::string error;
  Biography life = biography_of(log.file(), history, record, error);
  EXPECT_EQ(error, "");
  return life;
}

TEST(Biography, TellsALostRecordFromTheApplicationToItsEnd) {
  const Biography life = life_of(a_lost_record(), with_logs({{}, {}}), "P1:0");
  EXPECT_THAT(words(life), ElementsAre("sent", "attempt 1", "stored", "copied", "readable",
                                       "acknowledged", "cut off"));
  EXPECT_EQ(life.place, "orders-0@0");
  EXPECT_EQ(life.fate, "acknowledged; at the end it is in no log; delivered to nobody");
}

TEST(Biography, IsTheSameByPlaceAndByIdentity) {
  const History history = with_logs({{"P1:0"}, {}});
  EXPECT_EQ(biography_text(life_of(a_lost_record(), history, "P1:0")),
            biography_text(life_of(a_lost_record(), history, "orders-0@0")));
}

TEST(Biography, CountsCopiesInOneLogAndDeliveries) {
  EventTexts log;
  log.add(1, 0, "P1", "send.invoked", R"("value":5,"op":0,"record":"P1:0")");
  log.add(2, 1, "P1", "send.attempted", R"("tp":"orders-0","value":1,"record":"P1:0","peer":"b1")");
  log.add(3, 2, "b1", "log.appended", R"("tp":"orders-0")");
  log.add(4, 3, "P1", "message.dropped", R"("peer":"b1","why":"black hole")");
  log.add(5, 4, "P1", "send.attempted", R"("tp":"orders-0","value":2,"record":"P1:0","peer":"b1")");
  log.add(6, 5, "b1", "log.appended", R"("tp":"orders-0","old":1,"value":1)");
  log.add(7, 6, "C1", "poll.record", R"("tp":"orders-0","old":0,"value":0,"record":"P1:0")");
  log.add(8, 6, "C1", "poll.record", R"("tp":"orders-0","old":0,"value":1,"record":"P1:0")");
  const Biography life = life_of(log, with_logs({{"P1:0", "P1:0"}}), "P1:0");
  EXPECT_THAT(words(life), ElementsAre("sent", "attempt 1", "stored", "lost on the way",
                                       "attempt 2", "stored", "delivered", "delivered again"));
  EXPECT_EQ(life.fate,
            "never told; stored twice, at the end in the log of b1; delivered twice to C1");
}

TEST(Biography, SaysThatARetryWasKnown) {
  EventTexts log;
  log.add(1, 0, "P1", "send.invoked", R"("value":5,"op":0,"record":"P1:0")");
  log.add(2, 1, "P1", "send.attempted", R"("tp":"orders-0","value":1,"record":"P1:0","peer":"b1")");
  log.add(3, 2, "b1", "log.appended", R"("tp":"orders-0","old":7,"value":8)");
  log.add(5, 2, "P1", "send.attempted", R"("tp":"orders-0","value":2,"record":"P1:0","peer":"b1")");
  log.add(6, 5, "b1", "append.deduplicated", R"("tp":"orders-0","old":7,"value":0)");
  log.add(7, 6, "P1", "send.acknowledged", R"("tp":"orders-0","old":0,"value":7,"record":"P1:0")");
  const Biography life = life_of(log, with_logs({{"P1:0"}}), "P1:0");
  EXPECT_THAT(words(life), ElementsAre("sent", "attempt 1", "stored", "attempt 2", "deduplicated",
                                       "acknowledged"));
}

TEST(Biography, NamesWhatAReplicaThatIsNotInSyncCopies) {
  EventTexts log;
  log.add(1, 0, "k1", "partition.changed",
          R"("tp":"orders-0","record":"replicas=1,2,3 isr=1,2 elr=","value":1)");
  log.add(2, 0, "P1", "send.invoked", R"("record":"P1:0")");
  log.add(3, 2, "P1", "send.attempted", R"("tp":"orders-0","value":1,"record":"P1:0","peer":"b1")");
  log.add(4, 3, "b1", "log.appended", R"("tp":"orders-0")");
  log.add(5, 4, "b2", "log.appended", R"("tp":"orders-0")");
  log.add(6, 4, "b3", "log.appended", R"("tp":"orders-0")");
  log.add(7, 6, "P1", "send.acknowledged", R"("tp":"orders-0","record":"P1:0")");
  const Biography life = life_of(log, with_logs({{"P1:0"}}), "P1:0");
  ASSERT_EQ(life.events.size(), 6U);
  EXPECT_EQ(life.events[3].comment, "to b2");
  EXPECT_EQ(life.events[4].comment, "to b3, not in sync");
}

TEST(Biography, SaysWhatIsExpectedOfANameThatIsNone) {
  for (const char* wrong : {"P9:4", "orders-0@99", "orders-0@x"}) {
    std::string error;
    static_cast<void>(biography_of(a_lost_record().file(), with_logs({{}}), wrong, error));
    EXPECT_THAT(error, HasSubstr(wrong));
    EXPECT_THAT(error, HasSubstr("expected a place such as orders-0@17"));
  }
}

}  // namespace
}  // namespace weir
