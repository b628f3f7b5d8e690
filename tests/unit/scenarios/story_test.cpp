// Stories of small logs: what is told, in which order, and what is left out.
#include "scenarios/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/cone.h"
#include "scenarios/story_text.h"
#include "tests/unit/scenarios/event_texts.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Violation the_loss() {
  Violation v;
  v.record = "orders-0@0";
  v.made = 15;
  v.broken = 21;
  v.seen = {30};
  return v;
}

Story story_of(const EventFile& file, const Violation& violation) {
  return tell_story(file, subject_of(file, "durability.acked", violation));
}

std::vector<std::int64_t> told(const Story& story) {
  std::vector<std::int64_t> sequences;
  for (const StoryStep& step : story.steps) {
    sequences.insert(sequences.end(), step.sequences.begin(), step.sequences.end());
  }
  return sequences;
}

TEST(CausalCone, HoldsWhatCameBeforeAtTheSameNodeAndWhatCausedIt) {
  EventTexts log;
  log.add(1, 0, "a", "node.started").add(2, 0, "b", "node.started").add(3, 0, "c", "node.started");
  log.add(4, 1, "a", "request.sent").add(5, 4, "b", "request.received");
  log.add(6, 0, "c", "request.sent").add(7, 5, "b", "response.sent").add(8, 0, "a", "healed");
  const EventFile file = log.file();
  const CausalCone cone(file, {7});
  for (const std::int64_t inside : {1, 2, 4, 5, 7}) EXPECT_TRUE(cone.contains(inside)) << inside;
  for (const std::int64_t outside : {3, 6, 8, 9}) EXPECT_FALSE(cone.contains(outside)) << outside;
  EXPECT_EQ(cone.size(), 5U);
  EXPECT_EQ(cone.end(), 7);
}

TEST(CausalCone, HoldsFaultsBeforeItsEndAndNoneAfter) {
  EventTexts log;
  log.add(1, 0, "world", "fault.injected").add(2, 0, "a", "log.appended");
  log.add(3, 0, "world", "fault.injected");
  const EventFile file = log.file();
  const CausalCone cone(file, {2});
  EXPECT_TRUE(cone.contains(1));
  EXPECT_FALSE(cone.contains(3));
}

TEST(Story, TellsHowARecordWasPromisedAndLostFromTheFirstAttemptToWhoNoticed) {
  const EventFile file = a_lost_record().file();
  const Story story = story_of(file, the_loss());
  EXPECT_THAT(told(story), ElementsAre(11, 12, 13, 14, 15, 16, 20, 21, 22, 25, 30));
  EXPECT_THAT(story.nodes, ElementsAre("P1", "b1", "b2", "C1"));
  EXPECT_EQ(story.subject.identity, "P1:0");
  EXPECT_EQ(story.faults, 2U);
  EXPECT_EQ(story.faults_told, 2U);
}

TEST(Story, SaysOnceWhatTwoNodesDidOneAfterTheOther) {
  const Story story = story_of(a_lost_record().file(), the_loss());
  ASSERT_GE(story.steps.size(), 2U);
  const StoryStep& stored = story.steps[1];
  EXPECT_THAT(stored.sequences, ElementsAre(12, 13));
  ASSERT_EQ(stored.cells.size(), 2U);
  EXPECT_EQ(stored.cells[0].node, "b1");
  EXPECT_EQ(stored.cells[1].node, "b2");
  EXPECT_THAT(stored.comment, HasSubstr("b1 and b2"));
}

TEST(Story, MarksThePromiseTheBreachAndWhoNoticed) {
  const Story story = story_of(a_lost_record().file(), the_loss());
  const auto role = [&](std::int64_t sequence) {
    for (const StoryStep& step : story.steps) {
      if (step.sequences.front() == sequence) return step.role;
    }
    ADD_FAILURE() << sequence << " is not told";
    return StoryStep::Role::decision;
  };
  EXPECT_EQ(role(15), StoryStep::Role::promise);
  EXPECT_EQ(role(16), StoryStep::Role::fault);
  EXPECT_EQ(role(21), StoryStep::Role::broken);
  EXPECT_EQ(role(30), StoryStep::Role::noticed);
  EXPECT_EQ(role(25), StoryStep::Role::decision);
}

TEST(Story, LeavesOutWhatIsOfAnotherRecordAndFaultsThatWereOverBefore) {
  EventTexts log;
  log.add(1, 0, "b9", "fault.injected", R"("op":7,"why":"kill b9")");
  log.add(2, 1, "b9", "fault.healed", R"("op":7,"why":"kill b9")");
  // In place of the first starts, which have these numbers.
  const std::string rest = a_lost_record().text();
  const std::string text = log.text() + rest.substr(rest.find("{\"seq\":3,"));
  std::string error;
  const EventFile file = EventFile::parse(text, error);
  ASSERT_EQ(error, "");
  const Story story = story_of(file, the_loss());
  EXPECT_THAT(told(story), Not(testing::Contains(1)));
  EXPECT_EQ(story.faults, 3U);
  EXPECT_EQ(story.faults_told, 2U);
}

TEST(Story, IsShortHoweverLongTheRunWas) {
  EventTexts log;
  std::int64_t seq = 1;
  log.add(seq++, 0, "P1", "send.invoked", R"("op":0,"record":"P1:0")");
  for (int i = 1; i <= 200; ++i) {
    log.add(seq++, 1, "P1", "send.attempted",
            R"("tp":"orders-0","op":0,"record":"P1:0","peer":"b1","value":)" + std::to_string(i));
    log.add(seq, seq - 1, "b1", "log.truncated", R"("tp":"orders-0","old":1,"value":0)");
    ++seq;
  }
  log.add(seq, 1, "P1", "send.acknowledged", R"("tp":"orders-0","record":"P1:0")");
  Violation v;
  v.record = "orders-0@0";
  v.made = seq;
  const Story story = story_of(log.file(), v);
  EXPECT_EQ(story.steps.size(), kMostSteps);
  EXPECT_EQ(story.steps.back().sequences.front(), seq) << "the promise stays, whatever goes";
}

TEST(Story, OfOneEventIsTheChainOfItsCauses) {
  const EventFile file = a_lost_record().file();
  const Story story = tell_story(file, subject_of(file, 15));
  EXPECT_THAT(chain_of_causes(file, 15), ElementsAre(10, 11, 12, 13, 14, 15));
  EXPECT_EQ(told(story).back(), 15);
  EXPECT_THAT(steps_text(story), HasSubstr("<- ACK 0"));
}

TEST(EventFile, NamesTheLineThatIsNoEvent) {
  std::string error;
  EXPECT_EQ(EventFile::parse(a_lost_record().text() + "{\"seq\":3}\n", error).events().size(), 18U);
  EXPECT_THAT(error, HasSubstr("line 19: expected an event"));
  error.clear();
  static_cast<void>(EventFile::parse("[]", error));
  EXPECT_THAT(error, HasSubstr("line 1"));
}

TEST(EventFile, ReadsAPlaceInItsTwoParts) {
  EXPECT_EQ(parse_place("orders-0@17").tp, "orders-0");
  EXPECT_EQ(parse_place("orders-0@17").offset, 17);
  EXPECT_EQ(parse_place("orders-0").offset, -1);
  EXPECT_EQ(parse_place("a@b-0@3").tp, "a@b-0");
}

}  // namespace
}  // namespace weir
