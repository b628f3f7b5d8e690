// Where two logs part: the rules, and that they lead any two logs to their common beginning.
#include "broker/raft/log_view.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/property.h"
#include "tests/unit/raft/simulated_log.h"

namespace weir::raft::test {
namespace {

SimLog log_of(const std::vector<int>& epochs) {
  SimLog log;
  for (const int epoch : epochs) log.append({LeaderEpoch{epoch}, epoch, true, {}});
  return log;
}

OffsetAndEpoch at(int offset, int epoch) { return {Offset{offset}, LeaderEpoch{epoch}}; }

TEST(LogView, ChecksAFetchPosition) {
  const SimLog log = log_of({1, 1, 3, 3, 4});
  struct Row {
    const char* rule;
    OffsetAndEpoch position;
    PositionCheck expected;
  };
  const Row rows[] = {
      {"the beginning", at(0, 0), ValidPosition{}},
      {"the beginning, whatever was there", at(0, 2), ValidPosition{}},
      {"inside of an epoch", at(1, 1), ValidPosition{}},
      {"the end of an epoch", at(4, 3), ValidPosition{}},
      {"the end", at(5, 4), ValidPosition{}},
      {"after the end", at(6, 4), Divergence{LeaderEpoch{4}, Offset{5}}},
      {"more of an epoch than there is", at(3, 1), Divergence{LeaderEpoch{1}, Offset{2}}},
      {"an epoch between", at(3, 2), Divergence{LeaderEpoch{1}, Offset{2}}},
      {"a later epoch", at(3, 7), Divergence{LeaderEpoch{4}, Offset{5}}},
  };
  for (const Row& row : rows)
    EXPECT_EQ(check_position(log.view(), row.position), row.expected) << row.rule;
}

TEST(LogView, SendsToTheSnapshotWhatIsNotInTheLog) {
  SimLog log = log_of({1, 1, 3, 3, 4});
  const SnapshotId start{Offset{2}, LeaderEpoch{1}};
  const SnapshotId latest{Offset{4}, LeaderEpoch{3}};
  log.add_snapshot(start, {});
  log.add_snapshot(latest, {});
  log.start_at(start);
  const auto check = [&](int offset, int epoch) {
    return check_position(log.view(), at(offset, epoch));
  };
  EXPECT_EQ(check(0, 0), PositionCheck(latest));
  EXPECT_EQ(check(1, 1), PositionCheck(latest));
  EXPECT_EQ(check(2, 1), PositionCheck(ValidPosition{})) << "the log goes on there";
  EXPECT_EQ(check(2, 2), PositionCheck(latest)) << "another log ended there";
  EXPECT_EQ(check(3, 1), PositionCheck(Divergence{LeaderEpoch{1}, Offset{2}}));
  EXPECT_EQ(check(4, 3), PositionCheck(ValidPosition{}));
  EXPECT_EQ(epoch_before(log.view(), Offset{2}), LeaderEpoch{1});
}

TEST(LogView, AnEmptyLogAfterASnapshotGoesOnFromIt) {
  SimLog log;
  const SnapshotId id{Offset{9}, LeaderEpoch{3}};
  log.add_snapshot(id, {});
  log.replace_by(id);
  EXPECT_EQ(check_position(log.view(), at(9, 3)), PositionCheck(ValidPosition{}));
  EXPECT_EQ(check_position(log.view(), at(0, 0)), PositionCheck(id));
  EXPECT_EQ(check_position(log.view(), at(12, 3)),
            PositionCheck(Divergence{LeaderEpoch{3}, Offset{9}}));
  EXPECT_EQ(log.view().last_epoch, LeaderEpoch{3});
}

TEST(LogView, ComparesLogsByEpochFirst) {
  const SimLog log = log_of({1, 1, 3});
  EXPECT_TRUE(is_up_to_date(log.view(), at(3, 3)));
  EXPECT_FALSE(is_up_to_date(log.view(), at(2, 3)));
  EXPECT_FALSE(is_up_to_date(log.view(), at(9, 2)));
  EXPECT_TRUE(is_up_to_date(log.view(), at(1, 4)));
}

// Logs of one quorum: each epoch's records are one leader's, so equal (offset, epoch) means equal
// logs up to there. A leader and a follower of such a history find where they part in a few steps.
TEST(LogView, AnyTwoLogsOfAHistoryFindTheirCommonBeginning) {
  expect_property([] {
    std::vector<std::vector<int>> logs(2);
    int epoch = 0;
    const int turns = *rc::gen::inRange(0, 12);
    for (int i = 0; i < turns; ++i) {
      epoch += *rc::gen::inRange(1, 3);
      const auto writer = *rc::gen::inRange<std::size_t>(0, 2);
      const int count = *rc::gen::inRange(1, 4);
      if (*rc::gen::inRange(0, 3) == 0) {  // both are at one, up to what the other has
        logs[1 - writer] = logs[writer];
        const int shared = *rc::gen::inRange(0, count + 1);
        logs[1 - writer].insert(logs[1 - writer].end(), static_cast<std::size_t>(shared), epoch);
      }
      logs[writer].insert(logs[writer].end(), static_cast<std::size_t>(count), epoch);
    }
    // The leader appends in a new epoch.
    logs[0].push_back(epoch + 1);
    const auto [a, b] = std::ranges::mismatch(logs[0], logs[1]);
    const auto common = static_cast<std::int64_t>(a - logs[0].begin());
    const SimLog leader = log_of(logs[0]);
    SimLog follower = log_of(logs[1]);
    int steps = 0;
    while (true) {
      const PositionCheck check = check_position(leader.view(), follower.view().end_position());
      if (std::holds_alternative<ValidPosition>(check)) break;
      const Offset to = truncation_point(follower.view(), std::get<Divergence>(check));
      RC_ASSERT(to < follower.end());
      RC_ASSERT(to >= Offset{common});
      follower.truncate(to);
      RC_ASSERT(++steps <= turns + 1);
    }
    RC_ASSERT(follower.end() == Offset{common});
  });
}

}  // namespace
}  // namespace weir::raft::test
