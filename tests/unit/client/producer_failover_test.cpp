// The producer's core across changes of leaders: what is retried where, in which order, and what a
// send is worth whose attempts were answered differently.
#include "producer_bench.h"

namespace weir::test {
namespace {

TEST(ProducerFailover, StaleLeadershipAsksForMetadata) {
  for (const ErrorCode code : {ErrorCode::not_leader_or_follower, ErrorCode::fenced_leader_epoch,
                               ErrorCode::unknown_topic_or_partition,
                               ErrorCode::leader_not_available, ErrorCode::kafka_storage_error}) {
    Bench b(OptionMap{{"linger.ms", "0"}});
    b.send(kP0, 1);
    const auto sent = b.step().send;
    EXPECT_TRUE(b.error(sent[0].request, code).refresh_metadata) << name_of(code);
  }
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  const auto sent = b.step().send;
  EXPECT_TRUE(b.lose(sent[0].request).refresh_metadata);
}

// An attempt that was left open makes every later definite answer worthless for the send as a
// whole.
TEST(ProducerFailover, OneOpenAttemptKeepsASendOpenWhateverIsAnsweredLater) {
  for (const ErrorCode open :
       {ErrorCode::not_leader_or_follower, ErrorCode::not_enough_replicas_after_append,
        ErrorCode::request_timed_out, ErrorCode::network_exception}) {
    for (const ErrorCode definite :
         {ErrorCode::unknown_topic_or_partition, ErrorCode::fenced_leader_epoch,
          ErrorCode::not_enough_replicas, ErrorCode::invalid_record}) {
      for (const bool open_first : {true, false}) {
        Bench b(OptionMap{{"linger.ms", "0"}, {"retries", "1"}});
        b.send(kP0, 1);
        auto sent = b.step().send;
        const bool retriable = is_retriable(definite);
        if (!open_first && !retriable) continue;
        EXPECT_TRUE(b.error(sent[0].request, open_first ? open : definite).complete.empty());
        sent = b.step(kBackoff).send;
        ASSERT_EQ(sent.size(), 1u);
        const auto effects = b.error(sent[0].request, open_first ? definite : open);
        ASSERT_EQ(effects.complete.size(), 1u);
        EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::unknown)
            << name_of(open) << ", " << name_of(definite);
      }
    }
  }
}

TEST(ProducerFailover, DefiniteAttemptsAloneLeaveASendFailed) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"retries", "2"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  b.error(sent[0].request, ErrorCode::unknown_topic_or_partition);
  sent = b.step(kBackoff).send;
  b.lose(sent[0].request, false);
  sent = b.step(kBackoff).send;
  const auto effects = b.error(sent[0].request, ErrorCode::fenced_leader_epoch);
  ASSERT_EQ(effects.complete.size(), 1u);
  EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::failed);
}

TEST(ProducerFailover, ARetryGoesToANewLeaderAtOnceAndWithItsSequence) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  EXPECT_EQ(sent[0].node, 1);
  b.error(sent[0].request, ErrorCode::not_leader_or_follower);
  EXPECT_TRUE(b.step().send.empty()) << "the old leader is spared";
  b.move(2, 4);
  sent = b.step().send;
  ASSERT_EQ(sent.size(), 1u) << "the new one need not be";
  EXPECT_EQ(sent[0].node, 2);
  EXPECT_EQ(sent[0].batches[0]->base_sequence, 0);
  EXPECT_EQ(sent[0].batches[0]->producer_epoch, ProducerEpoch{0});
}

TEST(ProducerFailover, NothingGoesToANewLeaderPastWhatTheOldOneOwes) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.warm();
  for (std::uint64_t i = 1; i <= 3; ++i) b.send(kP0, i);
  const auto old = b.step().send;
  ASSERT_EQ(old.size(), 3u);
  b.send(kP0, 4);
  b.move(2, 4);
  EXPECT_TRUE(b.step().send.empty());
  b.answer(old[0].request, {kP0, ErrorCode::none, "", 0});
  b.lose(old[2].request);
  EXPECT_TRUE(b.step().send.empty()) << "the second is open with the old leader";
  b.error(old[1].request, ErrorCode::not_leader_or_follower);
  for (std::uint64_t i = 2; i <= 4; ++i) {
    const auto sent = b.step(kBackoff).send;
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].node, 2);
    EXPECT_EQ(tokens(*sent[0].batches[0]), std::vector<std::uint64_t>{i});
    b.answer(sent[0].request, {kP0, ErrorCode::none, "", static_cast<std::int64_t>(i)});
  }
}

// A leader without state of a producer takes any sequence: the second batch must not get there
// while the first may still be refused.
TEST(ProducerFailover, NothingFollowsTheFirstBatchOfAPartitionUntilItIsAcknowledged) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.send(kP0, 1);
  b.send(kP0, 2);
  auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 1u);
  b.error(sent[0].request, ErrorCode::not_enough_replicas);
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(tokens(*sent[0].batches[0]), std::vector<std::uint64_t>{1});
  b.answer(sent[0].request, {kP0, ErrorCode::none, "", 0});
  EXPECT_EQ(b.step().send.size(), 1u);
}

TEST(ProducerFailover, WithOneInFlightOrderIsKeptFromOneLeaderToTheNext) {
  Bench b(OptionMap{{"linger.ms", "0"},
                    {"batch.size", "0"},
                    {"enable.idempotence", "false"},
                    {"max.in.flight.requests.per.connection", "1"}});
  b.send(kP0, 1);
  b.send(kP0, 2);
  auto sent = b.step().send;
  b.move(2, 4);
  EXPECT_TRUE(b.step().send.empty()) << "the old leader may still append the first";
  b.lose(sent[0].request);
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].node, 2);
  EXPECT_EQ(tokens(*sent[0].batches[0]), std::vector<std::uint64_t>{1});
}

TEST(ProducerFailover, ADuplicateOfWhatWasAppendedBeforeTheFailoverIsSuccess) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  EXPECT_TRUE(
      b.error(sent[0].request, ErrorCode::not_enough_replicas_after_append).complete.empty());
  sent = b.step(kBackoff).send;
  const auto effects = b.answer(sent[0].request, {kP0, ErrorCode::none, "", 17});
  ASSERT_EQ(effects.complete.size(), 1u);
  EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::acknowledged);
  EXPECT_EQ(effects.complete[0].result.offset, 17);
}

}  // namespace
}  // namespace weir::test
