// Who a leader believes, whom it proposes, and what it makes of the controller's verdict.
#include <rapidcheck.h>

#include "tests/unit/replica/leader_lab.h"

namespace weir {
namespace {

TEST(ReplicaLeader, JudgesTheEpochOfAFollowerFirst) {
  LeaderLab lab({});
  FollowerFetch fetch = lab.fetch(kTwo, 10);
  fetch.leader_epoch = LeaderEpoch{4};
  EXPECT_EQ(lab.fetches(fetch, 1), ErrorCode::fenced_leader_epoch);
  fetch.leader_epoch = LeaderEpoch{6};
  EXPECT_EQ(lab.fetches(fetch, 1), ErrorCode::unknown_leader_epoch);
  fetch.leader_epoch = kNoLeaderEpoch;
  EXPECT_EQ(lab.fetches(fetch, 1), ErrorCode::fenced_leader_epoch) << "a replica must say";
  EXPECT_EQ(lab.leader->judge_read(kNoLeaderEpoch, Offset{3}, kNoLeaderEpoch, lab.cache).error,
            ErrorCode::none)
      << "a consumer need not";
}

TEST(ReplicaLeader, RefusesReplicasThatAreNotAssigned) {
  LeaderLab lab({});
  FollowerFetch fetch = lab.fetch(kTwo, 10);
  for (const int id : {4, 1, -1}) {
    fetch.replica = BrokerId{id};
    EXPECT_EQ(lab.fetches(fetch, 1), ErrorCode::unknown_leader_epoch) << id;
  }
}

TEST(ReplicaLeader, RefusesAnEarlierLifeOfAFollower) {
  LeaderLab lab({});
  FollowerFetch fetch = lab.fetch(kTwo, 10);
  fetch.broker_epoch = BrokerEpoch{1};
  EXPECT_EQ(lab.fetches(fetch, 1), ErrorCode::not_leader_or_follower)
      << "the metadata knows better";
  fetch.broker_epoch = BrokerEpoch{9};
  EXPECT_EQ(lab.fetches(fetch, 2), ErrorCode::none) << "newer than the metadata";
  EXPECT_EQ(lab.fetches(kTwo, 10, 3), ErrorCode::not_leader_or_follower) << "a later life spoke";
}

TEST(ReplicaLeader, ChecksTheLogStartBeforeTheEpochsAndTheLogEndAfterThem) {
  LeaderLab lab({.log_start = Offset{3}});
  lab.cache.truncate_from_start(Offset{3});
  FollowerFetch fetch = lab.fetch(kTwo, 2);
  fetch.last_fetched_epoch = LeaderEpoch{4};
  FetchVerdict verdict = lab.leader->judge_fetch(fetch, lab.cache);
  EXPECT_EQ(verdict.error, ErrorCode::offset_out_of_range);
  EXPECT_FALSE(verdict.diverging);
  fetch.fetch_offset = Offset{40};
  verdict = lab.leader->judge_fetch(fetch, lab.cache);
  EXPECT_EQ(verdict.error, ErrorCode::none);
  EXPECT_EQ(verdict.diverging, (EpochEnd{LeaderEpoch{1}, Offset{10}}));
  fetch.last_fetched_epoch = kNoLeaderEpoch;
  EXPECT_EQ(lab.leader->judge_fetch(fetch, lab.cache).error, ErrorCode::offset_out_of_range);
  fetch.last_fetched_epoch = LeaderEpoch{99};
  EXPECT_EQ(lab.leader->judge_fetch(fetch, lab.cache).error, ErrorCode::offset_out_of_range);
}

TEST(ReplicaLeader, TellsWhereTheEpochsPartAndDoesNotCountSuchAFetch) {
  LeaderLab lab({.isr = {kOne}});
  lab.appends(20, 1);
  FollowerFetch fetch = lab.fetch(kTwo, 15);
  fetch.last_fetched_epoch = LeaderEpoch{4};  // records 10 to 14 of an epoch unknown here
  EXPECT_EQ(lab.fetches(fetch, 2), ErrorCode::none);
  EXPECT_EQ(lab.leader->judge_fetch(fetch, lab.cache).diverging,
            (EpochEnd{LeaderEpoch{1}, Offset{10}}));
  EXPECT_EQ(lab.leader->follower(kTwo)->log_end, kUnknownOffset);
  fetch.last_fetched_epoch = LeaderEpoch{1};
  EXPECT_EQ(lab.leader->judge_fetch(fetch, lab.cache).diverging,
            (EpochEnd{LeaderEpoch{1}, Offset{10}}))
      << "the same epoch, but longer than here";
}

TEST(ReplicaLeader, DoesNotCountAFetchThatWasJudgedInAnotherEpoch) {
  LeaderLab lab({});
  const FollowerFetch fetch = lab.fetch(kTwo, 10);
  const FetchVerdict verdict = lab.leader->judge_fetch(fetch, lab.cache);
  PartitionState newer = lab.state;
  newer.leader_epoch = LeaderEpoch{6};
  newer.partition_epoch = PartitionEpoch{8};
  lab.updates(newer, 1);
  lab.note(lab.leader->count_fetch(fetch, verdict, at_ms(2)));
  EXPECT_EQ(lab.leader->follower(kTwo)->log_end, kUnknownOffset);
}

TEST(ReplicaLeader, LetsAFollowerInAtTheHighWatermarkAndTheStartOfItsEpoch) {
  LeaderLab lab({.isr = {kOne, kThree}, .high_watermark = Offset{6}});
  lab.fetches(kTwo, 7, 1);
  EXPECT_EQ(lab.proposed(), "-") << "beyond the high watermark, before the epoch";
  lab.fetches(kTwo, 10, 2);
  EXPECT_EQ(lab.proposed(), "1 3 2");
  EXPECT_EQ(lab.leader->pending()->isr[2].epoch, BrokerEpoch{2});
  EXPECT_EQ(lab.leader->pending()->partition_epoch, PartitionEpoch{7});
}

TEST(ReplicaLeader, DoesNotLetInWhomTheControllerWouldRefuse) {
  struct Row {
    const char* why;
    std::int64_t epoch;
    bool fenced;
    bool stopping;
  };
  const Row rows[] = {{"fenced", 2, true, false}, {"stopping", 2, false, true}};
  for (const Row& row : rows) {
    LeaderLab lab({.isr = {kOne}});
    lab.stand(kTwo, row.epoch, row.fenced, row.stopping);
    lab.fetches(kTwo, 10, 1);
    EXPECT_EQ(lab.proposed(), "-") << row.why;
    lab.stand(kTwo, 2);
    lab.note(lab.leader->on_brokers_changed(at_ms(2)));
    EXPECT_EQ(lab.proposed(), "-") << "it must fetch itself";
    lab.fetches(kTwo, 10, 3);
    EXPECT_EQ(lab.proposed(), "1 2") << "no longer " << row.why;
  }
  LeaderLab lab({.isr = {kOne}});
  FollowerFetch fetch = lab.fetch(kTwo, 10);
  fetch.broker_epoch = BrokerEpoch{9};
  lab.fetches(fetch, 1);
  EXPECT_EQ(lab.proposed(), "-") << "a life that the metadata does not know yet";
}

TEST(ReplicaLeader, PutsOutWhoLagsAndKeepsWhoIsIdle) {
  LeaderLab lab({});
  lab.fetches(kTwo, 10, 1'000);
  lab.fetches(kThree, 10, 1'000);
  EXPECT_EQ(lab.leader->next_deadline(), Instant::never()) << "nobody lags behind an idle leader";
  lab.appends(11, 2'000);
  lab.fetches(kTwo, 11, 2'500);
  EXPECT_EQ(lab.leader->next_deadline(), at_ms(31'000) + Duration(1));
  lab.note(lab.leader->on_deadline(at_ms(31'000)));
  EXPECT_EQ(lab.proposed(), "-");
  lab.note(lab.leader->on_deadline(at_ms(31'001)));
  EXPECT_EQ(lab.proposed(), "1 2");
}

TEST(ReplicaLeader, KeepsAFollowerThatIsAlwaysOneFetchBehind) {
  LeaderLab lab({});
  for (std::int64_t ms = 0; ms < 120'000; ms += 1'000) {
    lab.fetches(kTwo, 10 + ms / 1'000, ms);
    lab.fetches(kThree, 10 + ms / 1'000, ms);
    lab.appends(11 + ms / 1'000, ms);
  }
  EXPECT_EQ(lab.proposed(), "-");
}

TEST(ReplicaLeader, HasOneProposalUnderWay) {
  LeaderLab lab({.isr = {kOne}});
  lab.fetches(kTwo, 10, 1);
  const std::uint64_t first = lab.leader->pending()->number;
  lab.fetches(kThree, 10, 2);
  EXPECT_EQ(lab.proposed(), "1 2");
  EXPECT_EQ(lab.leader->pending()->number, first);
  lab.outcome(ErrorCode::none, {kOne, kTwo}, 8, 3);
  EXPECT_EQ(lab.proposed(), "-") << "what the third fetched before is old news";
  lab.fetches(kThree, 10, 4);
  EXPECT_EQ(lab.proposed(), "1 2 3");
  EXPECT_EQ(lab.leader->pending()->partition_epoch, PartitionEpoch{8});
}

TEST(ReplicaLeader, TakesAConfirmationOfTheEpochThatItHas) {
  LeaderLab lab({.isr = {kOne}});
  lab.fetches(kTwo, 10, 1);
  lab.outcome(ErrorCode::none, {kOne, kTwo}, 7, 2);
  EXPECT_FALSE(lab.leader->pending());
  EXPECT_EQ(lab.leader->committed().isr.size(), 2u);
}

TEST(ReplicaLeader, RollsBackWhatWasRefusedAndAsksAgainOnlyAfterAWhile) {
  LeaderLab lab({.isr = {kOne}});
  lab.fetches(kTwo, 10, 1);
  lab.appends(12, 2);
  lab.outcome(ErrorCode::ineligible_replica, {}, 0, 3);
  EXPECT_FALSE(lab.leader->pending());
  lab.fetches(kTwo, 12, 4);
  EXPECT_EQ(lab.proposed(), "-");
  EXPECT_EQ(lab.leader->next_deadline(), at_ms(503));
  lab.note(lab.leader->on_deadline(at_ms(503)));
  EXPECT_EQ(lab.proposed(), "-");
  lab.fetches(kTwo, 12, 504);
  EXPECT_EQ(lab.proposed(), "1 2");
}

// All that its leader knows of it would let it in again: its log reaches the high watermark. But it
// has not spoken since (found by the first sweep: ISRs that shrank and grew for ever).
TEST(ReplicaLeader, DoesNotTakeBackWhoLaggedBeforeItFetchesAgain) {
  LeaderLab lab({.min_isr = 2});
  lab.appends(12, 0);
  lab.fetches(kTwo, 12, 1'000);
  lab.fetches(kThree, 12, 1'000);
  lab.appends(13, 2'000);
  lab.fetches(kTwo, 13, 29'000);
  lab.note(lab.leader->on_deadline(at_ms(32'000)));
  ASSERT_EQ(lab.proposed(), "1 2");
  lab.outcome(ErrorCode::none, {kOne, kTwo}, 8, 32'001);
  EXPECT_EQ(lab.proposed(), "-") << "the outcome alone";
  EXPECT_EQ(lab.leader->follower(kThree)->log_end, Offset{12});
  EXPECT_EQ(lab.watermark(), 13);
  lab.note(lab.leader->on_deadline(at_ms(33'000)));
  EXPECT_EQ(lab.proposed(), "-") << "time";
  lab.stand(kThree, 3);
  lab.note(lab.leader->on_brokers_changed(at_ms(33'001)));
  EXPECT_EQ(lab.proposed(), "-") << "metadata";
  lab.note(lab.leader->on_flush(Offset{13}, at_ms(33'002)));
  EXPECT_EQ(lab.proposed(), "-") << "a flush";
  lab.fetches(kTwo, 13, 33'003);
  EXPECT_EQ(lab.proposed(), "-") << "another's fetch";
  lab.fetches(kThree, 12, 33'004);
  EXPECT_EQ(lab.proposed(), "-") << "its own fetch, below the high watermark";
  lab.fetches(kThree, 13, 33'005);
  EXPECT_EQ(lab.proposed(), "1 2 3");
}

TEST(ReplicaLeader, LeavesWhoLaggedOutAlsoWhileItsLogReachesTheHighWatermark) {
  LeaderLab lab({.min_isr = 3});
  lab.fetches(kTwo, 10, 1'000);
  lab.fetches(kThree, 10, 1'000);
  lab.appends(11, 2'000);
  lab.fetches(kTwo, 11, 29'000);
  lab.note(lab.leader->on_deadline(at_ms(31'001)));
  ASSERT_EQ(lab.proposed(), "1 2");
  lab.outcome(ErrorCode::none, {kOne, kTwo}, 8, 31'002);
  ASSERT_EQ(lab.watermark(), 10) << "under min.insync.replicas it does not move";
  lab.note(lab.leader->on_deadline(at_ms(31'003)));
  lab.note(lab.leader->on_brokers_changed(at_ms(31'004)));
  lab.fetches(kTwo, 11, 31'005);
  EXPECT_EQ(lab.proposed(), "-");
  lab.fetches(kThree, 10, 31'006);
  EXPECT_EQ(lab.proposed(), "1 2 3") << "Kafka lets in who reaches the high watermark";
}

TEST(ReplicaLeader, KeepsCountingAProposalThatTheControllerMayHaveAccepted) {
  for (const ErrorCode error :
       {ErrorCode::fenced_leader_epoch, ErrorCode::invalid_update_version,
        ErrorCode::new_leader_elected, ErrorCode::unknown_topic_or_partition,
        ErrorCode::unknown_topic_id}) {
    LeaderLab lab({.isr = {kOne}});
    lab.fetches(kTwo, 10, 1);
    lab.outcome(error, {}, 0, 2);
    lab.appends(12, 3);
    EXPECT_EQ(lab.watermark(), 10) << name_of(error);
    PartitionState newer = lab.state;
    newer.partition_epoch = PartitionEpoch{8};
    lab.updates(newer, 40'000);
    EXPECT_EQ(lab.watermark(), 12) << name_of(error);
  }
}

TEST(ReplicaLeader, IgnoresTheOutcomeOfAnotherProposal) {
  LeaderLab lab({.isr = {kOne}});
  lab.fetches(kTwo, 10, 1);
  lab.note(lab.leader->on_isr_outcome(
      {.partition = {}, .number = 77, .error = ErrorCode::ineligible_replica, .isr = {}},
      at_ms(2)));
  EXPECT_EQ(lab.proposed(), "1 2");
}

TEST(ReplicaLeader, KeepsWhatItKnowsOfTheIsrInOneEpochAndForgetsTheOthers) {
  LeaderLab lab({.isr = {kOne, kTwo}, .high_watermark = Offset{4}});
  lab.fetches(kTwo, 9, 1);
  lab.fetches(kThree, 8, 1);
  PartitionState newer = lab.state;
  newer.partition_epoch = PartitionEpoch{9};
  lab.updates(newer, 2);
  EXPECT_EQ(lab.leader->follower(kTwo)->log_end, Offset{9});
  EXPECT_EQ(lab.leader->follower(kThree)->log_end, kUnknownOffset) << "may have been replaced";
  EXPECT_EQ(lab.leader->epoch_start(), Offset{10});
  EXPECT_FALSE(lab.last.assign_epoch);
  lab.appends(12, 3);
  newer.partition_epoch = PartitionEpoch{10};
  newer.leader_epoch = LeaderEpoch{6};
  lab.updates(newer, 4);
  EXPECT_EQ(lab.leader->follower(kTwo)->log_end, kUnknownOffset);
  EXPECT_EQ(lab.leader->epoch_start(), Offset{12});
  EXPECT_TRUE(lab.last.assign_epoch);
  newer.isr = {kOne};
  newer.partition_epoch = PartitionEpoch{9};
  lab.updates(newer, 5);
  EXPECT_EQ(lab.leader->committed().isr.size(), 2u) << "an older state changes nothing";
}

TEST(ReplicaLeader, SaysThatItHasRecoveredAfterAnUncleanElection) {
  LeaderLab lab({.isr = {kOne}, .recovering = true});
  ASSERT_TRUE(lab.last.propose);
  EXPECT_EQ(lab.proposed(), "1");
  EXPECT_FALSE(lab.last.propose->recovering);
  lab.outcome(ErrorCode::none, {kOne}, 8, 1);
  EXPECT_EQ(lab.proposed(), "-");
}

TEST(ReplicaLeader, StaysWithinItsLogWhateverIsFetched) {
  EXPECT_TRUE(rc::check(
      [](const std::vector<
          std::tuple<std::int8_t, std::int8_t, std::int8_t, std::int8_t, std::int8_t>>& fetches) {
        LeaderLab lab({.isr = {kOne, kTwo}, .high_watermark = Offset{2}});
        lab.appends(14, 1);
        std::int64_t ms = 2;
        for (const auto& [replica, epoch, offset, last_epoch, broker_epoch] : fetches) {
          const std::int64_t before = lab.watermark();
          lab.fetches({.replica = BrokerId{replica % 5},
                       .broker_epoch = BrokerEpoch{broker_epoch % 5},
                       .leader_epoch = LeaderEpoch{epoch % 7},
                       .fetch_offset = Offset{offset % 20},
                       .last_fetched_epoch = LeaderEpoch{last_epoch % 8},
                       .log_start = Offset{offset}},
                      ms += 100);
          RC_ASSERT(lab.watermark() >= before);
          RC_ASSERT(lab.watermark() <= 14);
        }
      }));
}

TEST(LeaderIsr, AJoinerThatBeganAnotherLifeIsProposedAnewOnceItIsThere) {
  LeaderLab lab({.isr = {kOne, kThree}, .log_end = Offset{10}, .high_watermark = Offset{8}});
  lab.fetches(kTwo, 10, 1);
  ASSERT_EQ(lab.proposed(), "1 3 2");
  const auto first = lab.leader->pending()->number;
  lab.stand(kTwo, 22);
  lab.fetches(kTwo, 9, 2);
  EXPECT_EQ(lab.leader->pending()->number, first) << "it may not join yet";
  EXPECT_FALSE(lab.last.propose);
  lab.fetches(kTwo, 10, 3);
  ASSERT_TRUE(lab.last.propose);
  EXPECT_GT(lab.last.propose->number, first);
  EXPECT_EQ(lab.proposed(), "1 3 2");
  EXPECT_EQ(lab.last.propose->isr.back().epoch, BrokerEpoch{22});
  lab.fetches(kTwo, 10, 4);
  EXPECT_FALSE(lab.last.propose) << "once is enough";
  lab.outcome(ErrorCode::none, {kOne, kThree, kTwo}, 8, 5);
  EXPECT_EQ(lab.proposed(), "-");
}

}  // namespace
}  // namespace weir
