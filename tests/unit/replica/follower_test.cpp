// A follower: where logs part, what is believed of an answer, and how errors are met.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "broker/replica/replica_follower.h"

namespace weir {
namespace {

constexpr Instant follower_at_ms(std::int64_t ms) { return {ms * 1'000'000}; }
EpochEnd end(int epoch, int offset) { return {LeaderEpoch{epoch}, Offset{offset}}; }

struct FollowerLab {
  explicit FollowerLab(const std::vector<EpochStart>& epochs = {{LeaderEpoch{1}, Offset{0}},
                                                                {LeaderEpoch{3}, Offset{5}}},
                       std::int64_t log_end = 9, std::int64_t watermark = 4,
                       std::int64_t log_start = 0)
      : follower({}, {}, {}, Offset{0}, {}) {
    for (const EpochStart& entry : epochs) cache.assign(entry.epoch, entry.start);
    state.leader = BrokerId{2};
    state.leader_epoch = LeaderEpoch{6};
    state.partition_epoch = PartitionEpoch{1};
    log = {Offset{log_start}, Offset{log_end}};
    follower = ReplicaFollower({}, state, log, Offset{watermark}, cache);
  }

  FollowerStep answer(const ReplicaFetchAnswer& answer, std::int64_t ms = 0) {
    const FetchPosition asked = follower.begin_fetch();
    return follower.on_fetch_answer(asked, answer, cache, follower_at_ms(ms));
  }
  FollowerStep error(ErrorCode code, std::int64_t ms = 0) { return answer({.error = code}, ms); }
  FollowerStep diverging(EpochEnd where) { return answer({.diverging = where, .batches = {}}); }

  EpochCache cache;
  PartitionState state;
  LogBounds log;
  ReplicaFollower follower;
};

std::int64_t cut_of(const FollowerStep& step) {
  const auto* cut = std::get_if<TruncateLog>(&step);
  return cut == nullptr ? -1 : cut->to.value();
}

TEST(ReplicaFollower, AsksFromItsLogEndWithTheEpochOfItsLastRecord) {
  FollowerLab lab;
  lab.cache.assign(LeaderEpoch{5}, Offset{9});  // once a leader that wrote nothing
  lab.follower = ReplicaFollower({}, lab.state, lab.log, Offset{4}, lab.cache);
  EXPECT_EQ(lab.follower.begin_fetch(),
            (FetchPosition{LeaderEpoch{6}, Offset{9}, LeaderEpoch{3}, Offset{0}}));
  FollowerLab empty({}, 7, 7, 7);
  EXPECT_EQ(empty.follower.begin_fetch().last_fetched_epoch, kNoLeaderEpoch);
}

TEST(ReplicaFollower, TruncatesToWhereBothLogsAgree) {
  struct Row {
    const char* rule;
    EpochEnd leader;
    std::int64_t to;
  };
  const Row rows[] = {
      {"the leader's end of the same epoch is nearer", end(3, 7), 7},
      {"my end of that epoch is nearer", end(1, 8), 5},
      {"an epoch unknown here: the end of the largest before it, then ask again", end(2, 8), 5},
      {"an epoch before all known: the leader's end", end(0, 3), 0},
  };
  for (const Row& row : rows) {
    FollowerLab lab;
    EXPECT_EQ(cut_of(lab.diverging(row.leader)), row.to) << row.rule;
  }
}

TEST(ReplicaFollower, TruncatesInAsManyRoundsAsItTakes) {
  FollowerLab lab;
  ASSERT_EQ(cut_of(lab.diverging(end(2, 8))), 5);
  lab.cache.truncate_from_end(Offset{5});
  EXPECT_EQ(lab.follower.on_log_changed({Offset{0}, Offset{5}}, lab.cache).high_watermark_after,
            Offset{4});
  EXPECT_EQ(lab.follower.begin_fetch(),
            (FetchPosition{LeaderEpoch{6}, Offset{5}, LeaderEpoch{1}, Offset{0}}));
}

TEST(ReplicaFollower, SaysLoudlyThatItCutsBelowItsHighWatermark) {
  FollowerLab lab;
  const FollowerStep step = lab.diverging(end(1, 3));
  ASSERT_EQ(cut_of(step), 3);
  EXPECT_TRUE(std::get<TruncateLog>(step).below_high_watermark);
  lab.cache.truncate_from_end(Offset{3});
  EXPECT_EQ(lab.follower.on_log_changed({Offset{0}, Offset{3}}, lab.cache).high_watermark_after,
            Offset{3});
}

TEST(ReplicaFollower, StartsAnewWhereTheLogsPartBeforeItsOwnStart) {
  FollowerLab lab({{LeaderEpoch{3}, Offset{5}}}, 9, 6, 5);
  const FollowerStep step = lab.diverging(end(2, 3));
  ASSERT_TRUE(std::holds_alternative<StartLogAt>(step));
  EXPECT_EQ(std::get<StartLogAt>(step).at, Offset{3});
  EXPECT_TRUE(std::get<StartLogAt>(step).below_high_watermark);
}

TEST(ReplicaFollower, WaitsWhereTheLeaderContradictsItself) {
  for (const EpochEnd where : {end(3, 9), end(4, 12), end(-1, 3), end(2, -1)}) {
    FollowerLab lab;
    EXPECT_TRUE(std::holds_alternative<WaitThen>(lab.diverging(where)));
  }
}

TEST(ReplicaFollower, RaisesTheHighWatermarkOnlyAfterTheAppendAndOnlyToItsLogEnd) {
  FollowerLab lab;
  const FetchedBatch batches[] = {{Offset{9}, Offset{10}, LeaderEpoch{3}},
                                  {Offset{11}, Offset{11}, LeaderEpoch{6}}};
  const FollowerStep step = lab.answer(
      {.high_watermark = Offset{40}, .log_start = Offset{2}, .diverging = {}, .batches = batches});
  EXPECT_EQ(std::get<AppendFetched>(step).batches, 2u);
  EXPECT_EQ(lab.follower.high_watermark(), Offset{4});
  EXPECT_FALSE(lab.follower.ready(follower_at_ms(0))) << "no fetch while the log is written";
  lab.cache.assign(LeaderEpoch{6}, Offset{11});
  const FollowerMarks marks = lab.follower.on_log_changed({Offset{0}, Offset{12}}, lab.cache);
  EXPECT_EQ(marks.high_watermark_after, Offset{12});
  EXPECT_EQ(marks.log_start_after, Offset{2});
  EXPECT_EQ(lab.follower.begin_fetch(),
            (FetchPosition{LeaderEpoch{6}, Offset{12}, LeaderEpoch{6}, Offset{2}}));
}

TEST(ReplicaFollower, NeitherLowersItsHighWatermarkNorPassesItWithTheLogStart) {
  FollowerLab lab;
  static_cast<void>(lab.answer(
      {.high_watermark = Offset{3}, .log_start = Offset{8}, .diverging = {}, .batches = {}}));
  const FollowerMarks marks = lab.follower.on_log_changed(lab.log, lab.cache);
  EXPECT_EQ(marks.high_watermark_after, Offset{4});
  EXPECT_EQ(marks.log_start_after, Offset{4});
}

TEST(ReplicaFollower, TakesOnlyBatchesThatCanBelongHere) {
  struct Row {
    const char* rule;
    std::vector<FetchedBatch> batches;
    std::size_t taken;
  };
  const Row rows[] = {
      {"compaction leaves gaps", {{Offset{12}, Offset{12}, LeaderEpoch{3}}}, 1},
      {"newer than the leader",
       {{Offset{9}, Offset{9}, LeaderEpoch{6}}, {Offset{10}, Offset{10}, LeaderEpoch{7}}},
       1},
      {"older than before",
       {{Offset{9}, Offset{9}, LeaderEpoch{4}}, {Offset{10}, Offset{10}, LeaderEpoch{3}}},
       1},
      {"overlapping",
       {{Offset{9}, Offset{11}, LeaderEpoch{4}}, {Offset{11}, Offset{12}, LeaderEpoch{4}}},
       1},
  };
  for (const Row& row : rows) {
    FollowerLab lab;
    const FollowerStep step = lab.answer({.diverging = {}, .batches = row.batches});
    ASSERT_TRUE(std::holds_alternative<AppendFetched>(step)) << row.rule;
    EXPECT_EQ(std::get<AppendFetched>(step).batches, row.taken) << row.rule;
  }
  FollowerLab lab;
  const FetchedBatch before[] = {{Offset{8}, Offset{9}, LeaderEpoch{3}}};
  const FollowerStep step = lab.answer({.diverging = {}, .batches = before});
  EXPECT_EQ(std::get<WaitThen>(step).why, ErrorCode::corrupt_message);
}

TEST(ReplicaFollower, AnEmptyLogBeginsWithTheBatchThatHoldsTheLeadersLogStart) {
  FollowerLab lab({}, 15, 15, 15);
  const FetchedBatch within[] = {{Offset{13}, Offset{16}, LeaderEpoch{3}},
                                 {Offset{17}, Offset{17}, LeaderEpoch{3}}};
  const FollowerStep step = lab.answer({.diverging = {}, .batches = within});
  ASSERT_TRUE(std::holds_alternative<AppendFetched>(step));
  EXPECT_EQ(std::get<AppendFetched>(step).batches, 2u);
  static_cast<void>(lab.follower.on_log_changed(lab.log, lab.cache));
  const FetchedBatch before[] = {{Offset{13}, Offset{14}, LeaderEpoch{3}}};
  EXPECT_TRUE(std::holds_alternative<WaitThen>(lab.answer({.diverging = {}, .batches = before})))
      << "nothing of it is wanted";
}

TEST(ReplicaFollower, BeginsAnewWhereTheLeadersLogStartsAtItsEndWithinABatch) {
  const FetchedBatch within[] = {{Offset{13}, Offset{16}, LeaderEpoch{3}}};
  FollowerLab has_more({{LeaderEpoch{1}, Offset{0}}}, 15, 10);
  EXPECT_TRUE(std::holds_alternative<WaitThen>(
      has_more.answer({.log_start = Offset{14}, .diverging = {}, .batches = within})))
      << "the leader still has a record of this log";
  FollowerLab lab({{LeaderEpoch{1}, Offset{0}}}, 15, 10);
  const FollowerStep step =
      lab.answer({.log_start = Offset{15}, .diverging = {}, .batches = within});
  ASSERT_TRUE(std::holds_alternative<StartLogAt>(step));
  EXPECT_EQ(std::get<StartLogAt>(step).at, Offset{15});
}

TEST(ReplicaFollower, IgnoresAnswersOfAnotherEpochPositionOrTime) {
  FollowerLab lab;
  const FetchPosition asked = lab.follower.begin_fetch();
  const ReplicaFetchAnswer cut{.diverging = end(1, 3), .batches = {}};
  FetchPosition other = asked;
  other.offset = Offset{8};
  EXPECT_TRUE(std::holds_alternative<IgnoreAnswer>(
      lab.follower.on_fetch_answer(other, cut, lab.cache, follower_at_ms(0))));
  lab.state.leader_epoch = LeaderEpoch{7};  // the same leader again
  lab.state.partition_epoch = PartitionEpoch{2};
  lab.follower.update(lab.state);
  EXPECT_TRUE(std::holds_alternative<IgnoreAnswer>(
      lab.follower.on_fetch_answer(asked, cut, lab.cache, follower_at_ms(0))));
  static_cast<void>(lab.follower.begin_fetch());
  EXPECT_TRUE(std::holds_alternative<IgnoreAnswer>(
      lab.follower.on_fetch_answer(asked, cut, lab.cache, follower_at_ms(0))));
  EXPECT_TRUE(lab.follower.fetching());
}

TEST(ReplicaFollower, DropsTheMarksOfALeaderThatWasReplacedWhileItWrote) {
  FollowerLab lab;
  static_cast<void>(lab.answer(
      {.high_watermark = Offset{9}, .log_start = Offset{0}, .diverging = {}, .batches = {}}));
  lab.state.leader_epoch = LeaderEpoch{7};
  lab.state.partition_epoch = PartitionEpoch{2};
  lab.follower.update(lab.state);
  EXPECT_EQ(lab.follower.on_log_changed(lab.log, lab.cache).high_watermark_after, Offset{4});
  EXPECT_EQ(lab.follower.begin_fetch().leader_epoch, LeaderEpoch{7});
}

TEST(ReplicaFollower, WaitsAfterErrorsAndForgetsTheWaitWithANewEpoch) {
  for (const ErrorCode error :
       {ErrorCode::fenced_leader_epoch, ErrorCode::unknown_leader_epoch,
        ErrorCode::not_leader_or_follower, ErrorCode::unknown_topic_or_partition,
        ErrorCode::unknown_topic_id, ErrorCode::kafka_storage_error, ErrorCode::corrupt_message,
        ErrorCode::unknown_server_error}) {
    FollowerLab lab;
    EXPECT_EQ(std::get<WaitThen>(lab.error(error, 10)).why, error);
    EXPECT_EQ(lab.follower.ready_at(), follower_at_ms(1'010));
    lab.state.leader_epoch = LeaderEpoch{7};
    lab.state.partition_epoch = PartitionEpoch{2};
    lab.follower.update(lab.state);
    EXPECT_TRUE(lab.follower.ready(follower_at_ms(10)));
  }
}

TEST(ReplicaFollower, AsksWhereTheLeadersLogLiesWhenItIsOutOfRange) {
  struct Row {
    const char* rule;
    LogBounds leader;
    const char* then;
    std::int64_t offset;
  };
  const Row rows[] = {
      {"the leader begins later: start anew there", {Offset{20}, Offset{30}}, "start", 20},
      {"the leader ends earlier: cut", {Offset{0}, Offset{7}}, "cut", 7},
      {"the leader has grown meanwhile: nothing is thrown away",
       {Offset{0}, Offset{30}},
       "wait",
       0},
      {"nonsense", {Offset{9}, Offset{2}}, "wait", 0},
  };
  for (const Row& row : rows) {
    FollowerLab lab;
    const FollowerStep ask = lab.error(ErrorCode::offset_out_of_range);
    ASSERT_TRUE(std::holds_alternative<AskLeaderEnds>(ask));
    EXPECT_FALSE(lab.follower.ready(follower_at_ms(0)));
    const FollowerStep step = lab.follower.on_leader_ends(
        std::get<AskLeaderEnds>(ask).asked, ErrorCode::none, row.leader, follower_at_ms(1));
    if (std::string_view(row.then) == "start") {
      ASSERT_TRUE(std::holds_alternative<StartLogAt>(step)) << row.rule;
      EXPECT_EQ(std::get<StartLogAt>(step).at.value(), row.offset);
    } else if (std::string_view(row.then) == "cut") {
      EXPECT_EQ(cut_of(step), row.offset) << row.rule;
    } else {
      EXPECT_TRUE(std::holds_alternative<WaitThen>(step)) << row.rule;
    }
  }
}

TEST(ReplicaFollower, FetchesFromNobodyWithoutALeaderAndNeverAgainWithoutALog) {
  FollowerLab lab;
  lab.state.leader = kNoLeaderId;
  lab.state.leader_epoch = LeaderEpoch{7};
  lab.state.partition_epoch = PartitionEpoch{2};
  lab.follower.update(lab.state);
  EXPECT_EQ(lab.follower.ready_at(), Instant::never());
  lab.state.leader = BrokerId{3};
  lab.state.leader_epoch = LeaderEpoch{8};
  lab.state.partition_epoch = PartitionEpoch{3};
  lab.follower.update(lab.state);
  EXPECT_TRUE(lab.follower.ready(follower_at_ms(0)));
  lab.follower.on_log_failed();
  EXPECT_TRUE(lab.follower.offline());
  EXPECT_FALSE(lab.follower.ready(follower_at_ms(0)));
}

TEST(ReplicaFollower, MeetsAnyAnswerWithoutLeavingItsLog) {
  using Answer = std::tuple<std::int8_t, std::int8_t, std::int8_t, std::int8_t>;
  EXPECT_TRUE(rc::check([](const std::vector<Answer>& answers) {
    FollowerLab lab;
    std::int64_t ms = 0;
    for (const auto& [kind, epoch, offset, more] : answers) {
      ms += 2'000;
      if (!lab.follower.ready(follower_at_ms(ms))) continue;
      ReplicaFetchAnswer answer;
      const FetchedBatch batch{Offset{offset}, Offset{more}, LeaderEpoch{epoch}};
      if (kind % 4 == 0) answer.diverging = end(epoch, offset);
      if (kind % 4 == 1) answer.batches = {&batch, 1};
      if (kind % 4 == 2) answer.error = error_code_of(std::int16_t{epoch});
      answer.high_watermark = Offset{more};
      answer.log_start = Offset{offset};
      FollowerStep step = lab.answer(answer, ms);
      if (const auto* ask = std::get_if<AskLeaderEnds>(&step)) {
        step = lab.follower.on_leader_ends(ask->asked, ErrorCode::none,
                                           {Offset{offset}, Offset{more}}, follower_at_ms(ms));
      }
      if (const auto* cut = std::get_if<TruncateLog>(&step)) {
        RC_ASSERT(cut->to < lab.log.log_end);
        RC_ASSERT(cut->to >= lab.log.log_start);
        lab.log.log_end = cut->to;
        lab.cache.truncate_from_end(cut->to);
      } else if (const auto* begin = std::get_if<StartLogAt>(&step)) {
        RC_ASSERT(begin->at >= Offset{0});
        lab.log = {begin->at, begin->at};
        lab.cache.clear();
      } else if (const auto* append = std::get_if<AppendFetched>(&step)) {
        if (append->batches > 0) {
          const bool empty = lab.log.log_start == lab.log.log_end;
          RC_ASSERT(batch.base >= (empty ? Offset{0} : lab.log.log_end));
          RC_ASSERT(batch.last >= lab.log.log_end);
          lab.cache.assign(batch.epoch, std::max(batch.base, lab.log.log_start));
          lab.log.log_end = batch.last + 1;
        }
      } else {
        continue;
      }
      const FollowerMarks marks = lab.follower.on_log_changed(lab.log, lab.cache);
      lab.log.log_start = marks.log_start_after;
      lab.cache.truncate_from_start(lab.log.log_start);
      RC_ASSERT(marks.high_watermark_after >= marks.log_start_after);
      RC_ASSERT(marks.high_watermark_after <= lab.log.log_end);
    }
  }));
}

}  // namespace
}  // namespace weir
