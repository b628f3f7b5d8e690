// Where two logs part, by time and by cause, and what differs in what came of it.
#include "scenarios/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkers/verdict_json.h"
#include "scenarios/verdict_read.h"
#include "tests/unit/scenarios/event_texts.h"

namespace weir {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

EventTexts two_nodes(std::int64_t late, const std::string& last) {
  EventTexts log;
  log.add(1, 0, "a", "node.started").add(2, 0, "b", "node.started");
  log.add(3 + late, 1, "a", "request.sent", R"("peer":"b")");
  log.add(4 + late, 3 + late, "b", last, R"("peer":"a")");
  return log;
}

TEST(Diff, OfARunWithItselfIsNothing) {
  const EventFile file = a_lost_record().file();
  for (const Align align : {Align::time, Align::cause}) {
    EXPECT_FALSE(where_they_part(file, file, align).parts);
  }
}

TEST(Diff, ByTimeNamesTheFirstFactThatIsOtherOrAtAnotherInstant) {
  const EventFile a = two_nodes(0, "request.received").file();
  const EventFile b = two_nodes(5, "request.received").file();
  const Parting parting = where_they_part(a, b, Align::time);
  ASSERT_TRUE(parting.parts);
  EXPECT_EQ(parting.equal, 2);
  EXPECT_EQ(parting.a->sequence, 3);
  EXPECT_EQ(parting.b->sequence, 8);
}

TEST(Diff, ByCauseDoesNotMindTheTime) {
  const EventFile a = two_nodes(0, "request.received").file();
  EXPECT_FALSE(where_they_part(a, two_nodes(5, "request.received").file(), Align::cause).parts);
  const EventFile c = two_nodes(5, "message.dropped").file();
  const Parting parting = where_they_part(a, c, Align::cause);
  ASSERT_TRUE(parting.parts);
  EXPECT_EQ(parting.a->sequence, 4);
  EXPECT_EQ(parting.b->sequence, 9);
}

TEST(Diff, SaysWhichRunEndedFirst) {
  EventTexts longer = a_lost_record();
  longer.add(50, 0, "b1", "node.started");
  const EventFile a = a_lost_record().file();
  const EventFile b = longer.file();
  const Parting parting = where_they_part(a, b, Align::time);
  ASSERT_TRUE(parting.parts);
  EXPECT_EQ(parting.a, nullptr);
  ASSERT_NE(parting.b, nullptr);
  EXPECT_EQ(parting.b->sequence, 50);
}

TEST(Diff, NamesTheKnobsByTheirPath) {
  const auto a = nlohmann::ordered_json::parse(
      R"({"seed":"0x1","clients":[{"id":"P1","config":{"acks":"all"}}],"until":"5s"})");
  const auto b = nlohmann::ordered_json::parse(
      R"({"seed":"0x1","clients":[{"id":"P1","config":{"acks":"1"}}],"plant":"x"})");
  std::vector<std::string> knobs;
  for (const Knob& k : changed_knobs(a, b)) knobs.push_back(k.path + " " + k.a + ">" + k.b);
  EXPECT_THAT(knobs, ElementsAre("$.clients[P1].config.acks \"all\">\"1\"", "$.until \"5s\">",
                                 "$.plant >\"x\""));
  EXPECT_THAT(changed_knobs(a, a), IsEmpty());
}

RunFiles run_with(const EventTexts& log, const std::string& verdict) {
  RunFiles run;
  run.events = log.file();
  run.verdict = nlohmann::ordered_json::parse(verdict);
  return run;
}

TEST(Diff, CountsWhatClientsWereToldAndWhatWasLost) {
  EventTexts slower;
  slower.add(1, 0, "P1", "send.invoked", R"("record":"P1:0")");
  slower.add(9, 1, "P1", "send.acknowledged", R"("record":"P1:0")");
  slower.add(10, 1, "P1", "send.invoked", R"("record":"P1:1")");
  slower.add(11, 1, "P1", "send.unknown", R"("record":"P1:1")");
  const RunFiles a = run_with(
      a_lost_record(),
      R"({"guarantees":[{"id":"durability.acked","verdict":"violated","looked_at":{"missing":3}}]})");
  const RunFiles b = run_with(
      slower,
      R"({"guarantees":[{"id":"durability.acked","verdict":"holds","looked_at":{"missing":0}}]})");
  const std::vector<Consequence> all = consequences(a, b);
  EXPECT_THAT(all, Contains(Consequence{"acks seen by P1", "1", "1"}));
  EXPECT_THAT(all, Contains(Consequence{"sends of P1 that failed or are unknown", "0", "1"}));
  EXPECT_THAT(all, Contains(Consequence{"acknowledged and lost", "3", "0"}));
  EXPECT_THAT(all, Contains(Consequence{"p99 produce latency", "5.000 ms", "8.000 ms"}));
  EXPECT_THAT(all, Contains(Consequence{"durability.acked", "violated", "holds"}));
}

TEST(VerdictRead, YieldsWhatWasWritten) {
  Verdict v;
  v.id = "durability.acked";
  v.word = VerdictWord::violated;
  v.promised = true;
  v.because = {"acks=all"};
  v.text = "1 of 3 is lost";
  v.violations = {{"orders-0@1", 5, 9, {12}, {"it is gone"}}, {"", -1, 7, {}, {}}};
  Verdict other;
  other.id = "log.agreement";
  other.word = VerdictWord::not_exercised;
  const std::string text = to_json({}, {v, other}, 1);
  std::string error;
  const auto read = read_verdicts(nlohmann::ordered_json::parse(text), error);
  ASSERT_EQ(error, "");
  EXPECT_EQ(to_json({}, read, 1), text);
}

TEST(VerdictRead, NamesWhatIsWrong) {
  for (const char* wrong : {R"([])", R"({"format":"weir-verdict/1"})",
                            R"({"format":"weir-verdict/1","guarantees":[{"id":"x"}]})"}) {
    std::string error;
    static_cast<void>(read_verdicts(nlohmann::ordered_json::parse(wrong), error));
    EXPECT_NE(error, "") << wrong;
  }
}

}  // namespace
}  // namespace weir
