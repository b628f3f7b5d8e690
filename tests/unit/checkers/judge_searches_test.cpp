// Searches by time, against the timestamps of the records that lie in the logs at the end.
#include "cluster_run.h"

namespace weir::test {
namespace {

using W = VerdictWord;

constexpr std::int64_t kMaxTimestamp = -3;

struct SearchRun : ClusterRun {
  // b1 leads ten records of epoch 1, of which eight are committed: offset n is of time 100 + n, but
  // for offset 5, which is of 103.
  SearchRun() {
    stands("replicas=1,2,3 isr=1,2,3", 1, 1);
    opens("b1", 0);
    leads("b1", 1);
    for (const char* node : {"b1", "b2", "b3"}) appends(node, 0, 9, 1);
    shows("b1", 8, 1);
    std::vector<ReadbackRecord> records;
    for (std::int64_t n = 0; n < 10; ++n) {
      records.push_back(record(n, 1));
      records.back().timestamp = n == 5 ? 103 : 100 + n;
    }
    for (const char* node : {"b1", "b2", "b3"}) holds(node, records);
  }
  std::int64_t finds(std::int64_t target, std::int64_t offset, std::int64_t timestamp,
                     std::int64_t bound = 8) {
    const std::string text = std::to_string(timestamp);
    Fact f = of(FactKind::answer_told);
    f.api = 2;
    f.old = target;
    f.value = offset;
    f.epoch = offset < 0 ? -1 : 1;
    f.digest = static_cast<std::uint64_t>(bound);
    f.record = text;
    return tell("b1", f);
  }
  [[nodiscard]] Lines objections() {
    const Verdict v = judged("read.visibility");
    EXPECT_EQ(v.word, v.violations.empty() ? W::holds : W::violated);
    return arguments(v);
  }
};

TEST(Search, FindsTheFirstRecordThatIsNotOlder) {
  SearchRun run;
  run.finds(100, 0, 100);
  run.finds(103, 3, 103);
  run.finds(105, 6, 106);
  run.finds(108, -1, -1);  // it is not committed
  run.finds(kMaxTimestamp, 7, 107);
  EXPECT_EQ(run.objections(), Lines{});
}

TEST(Search, PassesOverNoRecordThatIsAsNew) {
  SearchRun run;
  const std::int64_t later = run.finds(103, 4, 104);
  const std::int64_t none = run.finds(107, -1, -1);
  const std::int64_t newest = run.finds(kMaxTimestamp, 6, 106);
  const auto at = [](std::int64_t event) { return ", event #" + std::to_string(event); };
  const Lines found = run.objections();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_TRUE(
      found[0].starts_with("orders-0@4: b1 found offset 4 for timestamp 103 and passed "
                           "over offset 3 with timestamp 103"))
      << found[0];
  EXPECT_TRUE(found[0].ends_with(at(later))) << found[0];
  EXPECT_TRUE(
      found[1].starts_with("orders-0@-1: b1 found offset -1 for timestamp 107 and passed "
                           "over offset 7 with timestamp 107"))
      << found[1];
  EXPECT_TRUE(found[1].ends_with(at(none))) << found[1];
  EXPECT_TRUE(
      found[2].starts_with("orders-0@6: b1 found offset 6 for the largest timestamp and "
                           "passed over the newer offset 7 with timestamp 107"))
      << found[2];
  EXPECT_TRUE(found[2].ends_with(at(newest))) << found[2];
}

TEST(Search, TellsTheTimestampOfWhatItFound) {
  SearchRun run;
  run.finds(104, 5, 105);  // where that is of 103
  const Lines found = run.objections();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with("orders-0@5: b1 found offset 5 for timestamp 104 and"))
      << found[0];
}

TEST(Search, StaysBelowTheWatermarkAndFindsNothingOlder) {
  SearchRun run;
  run.finds(109, 9, 109, 10);
  run.finds(107, 8, 108);
  run.finds(106, 5, 105);
  EXPECT_EQ(run.checks.answers.searched.breaches, 3);
  EXPECT_EQ(run.checks.answers.searched.kept[0].about,
            "b1 answered a search by time with 9, looking up to 10, beyond the high watermark 8");
  EXPECT_EQ(run.checks.answers.searched.kept[1].about,
            "b1 answered a search by time with 8, beyond the end of its search 8");
  EXPECT_EQ(run.checks.answers.searched.kept[2].about,
            "b1 answered a search by time with 5, whose timestamp 105 is less than 106");
}

// What is not known to be the record that lay there says nothing: of another epoch, behind a cut,
// below the log start; nor does a disk that lies, and one cleaned log nothing of another.
TEST(Search, IsComparedWithTheSameRecordsOnly) {
  SearchRun epoch;
  for (ReadbackLog& log : epoch.logs) log.records[3].leader_epoch = 2;
  epoch.finds(103, 4, 104);
  EXPECT_EQ(epoch.objections(), Lines{});
  SearchRun cut;
  cut.finds(103, 4, 104);
  cut.dies("b1");
  cut.starts("b1");
  cut.opens("b1", 3);
  EXPECT_EQ(cut.objections(), Lines{});
  SearchRun start;
  start.start_moves("b1", 4);
  start.finds(103, 4, 104);
  EXPECT_EQ(start.objections(), Lines{});
  SearchRun rot;
  rot.finds(103, 4, 104);
  rot.strikes("bit_rot", "b1");
  EXPECT_EQ(rot.objections(), Lines{});
  SearchRun cleaned;
  cleaned.summary.topics[0].config["cleanup.policy"] = "compact";
  cleaned.finds(103, 4, 104);
  EXPECT_EQ(cleaned.objections(), Lines{});
}

}  // namespace
}  // namespace weir::test
