// The producer's core, rule by rule: batching, in-flight limits, retries, sequences, outcomes.
#include <algorithm>

#include "producer_bench.h"

namespace weir::test {
namespace {

TEST(ProducerCore, WaitsLingerAndThenSendsOneBatchAPartition) {
  Bench b;
  b.send(kP0, 1);
  b.send(kP0, 2);
  b.send(kP1, 3);
  EXPECT_TRUE(b.step().send.empty());
  EXPECT_EQ(b.core.next_deadline(), b.now + milliseconds(5));
  const ProducerEffects effects = b.step(milliseconds(5));
  ASSERT_EQ(effects.send.size(), 1u);
  ASSERT_EQ(effects.send[0].batches.size(), 2u);
  EXPECT_EQ(tokens(*effects.send[0].batches[0]), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(effects.send[0].batches[0]->base_sequence, 0);
}

TEST(ProducerCore, AFullBatchGoesAtOnceAndTheNextIsBegun) {
  Bench b(OptionMap{{"batch.size", "200"}, {"linger.ms", "0"}});
  b.warm();
  for (std::uint64_t i = 0; i < 5; ++i) b.send(kP0, i, 40);
  const ProducerEffects effects = b.step();
  ASSERT_EQ(effects.send.size(), 5u);
  for (const auto& s : effects.send) EXPECT_LE(s.batches[0]->size, 200);
  EXPECT_EQ(effects.send[3].batches[0]->base_sequence, 4);
}

TEST(ProducerCore, KeepsAtMostMaxInFlightRequestsABroker) {
  Bench b(OptionMap{{"batch.size", "0"}, {"linger.ms", "0"}}, 2);
  b.warm();
  for (std::uint64_t i = 0; i < 8; ++i) b.send(kP0, i);
  for (std::uint64_t i = 0; i < 8; ++i) b.send(kP1, 10 + i);
  const ProducerEffects effects = b.step();
  EXPECT_EQ(std::ranges::count(effects.send, 1, &ProducerEffects::Produce::node), 5);
  EXPECT_EQ(std::ranges::count(effects.send, 2, &ProducerEffects::Produce::node), 5);
  b.answer(effects.send[0].request, {kP0, ErrorCode::none, "", 0});
  EXPECT_EQ(b.step().send.size(), 1u);
}

TEST(ProducerCore, AcknowledgesEveryRecordWithItsOwnOffset) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  b.send(kP0, 2);
  const auto sent = b.step().send;
  const ProducerEffects effects = b.answer(sent[0].request, {kP0, ErrorCode::none, "", 40});
  ASSERT_EQ(effects.complete.size(), 2u);
  EXPECT_EQ(effects.complete[1].token, 2u);
  EXPECT_EQ(effects.complete[1].result.offset, 41);
  EXPECT_EQ(effects.complete[1].result.outcome, SendOutcome::acknowledged);
  EXPECT_EQ(b.core.unfinished(), 0u);
  EXPECT_EQ(b.core.memory_free(), b.opts.buffer_memory);
}

TEST(ProducerCore, MemoryIsTakenByBatchesAndRefusedBeyondBufferMemory) {
  Bench b(OptionMap{{"buffer.memory", "40000"}});
  b.send(kP0, 1);
  b.send(kP1, 2);
  BufferedRecord third;
  EXPECT_EQ(b.core.append({"t", 2}, std::move(third), b.now), ProducerCore::Appended::no_memory);
  b.core.set_memory_waiters(1);
  EXPECT_EQ(b.step().send.size(), 1u) << "a waiting sender makes batches go without linger";
}

TEST(ProducerCore, RefusesWhatCanNeverBeSent) {
  Bench b(OptionMap{{"max.request.size", "100"}});
  BufferedRecord record;
  record.value = Slice::copy_of(std::string(100, 'x'));
  EXPECT_NE(b.core.refusal(record).find("max.request.size = 100"), std::string::npos);
}

TEST(ProducerCore, AsksForMetadataAndConnectionsWhereTheyAreMissing) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.core.node_lost(1);
  b.send(kP0, 1);
  EXPECT_EQ(b.step().connect, std::set<std::int32_t>{1});
  b.send({"other", 0}, 2);
  EXPECT_TRUE(b.step().refresh_metadata);
}

TEST(ProducerCore, AsksForAProducerIdBeforeTheFirstSend) {
  ProducerCore core(options({{"linger.ms", "0"}}));
  MetadataCache metadata((ConnectionOptions()));
  ProducerEffects effects;
  core.step(metadata, {}, effects);
  EXPECT_FALSE(effects.init_producer_id) << "nothing to send, nothing to ask";
  ASSERT_NE(core.append(kP0, {}, {}), ProducerCore::Appended::no_memory);
  core.step(metadata, {}, effects);
  EXPECT_TRUE(effects.init_producer_id);
}

// What each error means for a record that was sent once, with no retries left (retries = 0) and
// with retries.
TEST(ProducerCore, ClassifiesEveryFirstAnswer) {
  const struct {
    ErrorCode code;
    SendOutcome outcome;
  } cases[] = {
      {ErrorCode::request_timed_out, SendOutcome::unknown},
      {ErrorCode::not_leader_or_follower, SendOutcome::unknown},
      {ErrorCode::not_enough_replicas_after_append, SendOutcome::unknown},
      {ErrorCode::kafka_storage_error, SendOutcome::unknown},
      {ErrorCode::network_exception, SendOutcome::unknown},
      {ErrorCode::unknown_topic_or_partition, SendOutcome::failed},
      {ErrorCode::fenced_leader_epoch, SendOutcome::failed},
      {ErrorCode::leader_not_available, SendOutcome::failed},
      {ErrorCode::unknown_server_error, SendOutcome::unknown},
      {ErrorCode::not_enough_replicas, SendOutcome::failed},
      {ErrorCode::message_too_large, SendOutcome::failed},
      {ErrorCode::invalid_record, SendOutcome::failed},
      {ErrorCode::corrupt_message, SendOutcome::failed},
      {ErrorCode::invalid_required_acks, SendOutcome::failed},
      {ErrorCode::duplicate_sequence_number, SendOutcome::acknowledged},
  };
  for (const auto& c : cases) {
    Bench b(OptionMap{{"retries", "0"}, {"linger.ms", "0"}});
    b.send(kP0, 1);
    const auto sent = b.step().send;
    const ProducerEffects effects = b.error(sent[0].request, c.code);
    ASSERT_EQ(effects.complete.size(), 1u) << name_of(c.code);
    EXPECT_EQ(effects.complete[0].result.outcome, c.outcome) << name_of(c.code);
  }
}

TEST(ProducerCore, ALostRequestIsUnknownUnlessNotAByteOfItWasSent) {
  for (const bool sent : {true, false}) {
    Bench b(OptionMap{{"retries", "0"}, {"linger.ms", "0"}});
    b.send(kP0, 1);
    const auto request = b.step().send[0].request;
    const ProducerEffects effects = b.lose(request, sent);
    ASSERT_EQ(effects.complete.size(), 1u);
    EXPECT_EQ(effects.complete[0].result.outcome,
              sent ? SendOutcome::unknown : SendOutcome::failed);
  }
}

TEST(ProducerCore, ARejectedRetryDoesNotUndoAnOpenAttempt) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  EXPECT_TRUE(b.lose(sent[0].request).complete.empty());
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  const ProducerEffects effects = b.error(sent[0].request, ErrorCode::invalid_record);
  ASSERT_EQ(effects.complete.size(), 1u);
  EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::unknown);
}

TEST(ProducerCore, RetriesWithBackoffUntilRetriesAreSpent) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"retries", "2"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  EXPECT_TRUE(b.error(sent[0].request, ErrorCode::not_enough_replicas).complete.empty());
  EXPECT_TRUE(b.step(milliseconds(50)).send.empty()) << "backoff is at least 80 ms";
  EXPECT_GT(b.core.next_deadline(), b.now);
  sent = b.step(milliseconds(75)).send;
  ASSERT_EQ(sent.size(), 1u);
  b.error(sent[0].request, ErrorCode::not_enough_replicas);
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(b.error(sent[0].request, ErrorCode::not_enough_replicas).complete.size(), 1u);
}

TEST(ProducerCore, DeliveryTimeoutFailsTheNeverSentAndLeavesTheSentOpen) {
  for (const bool connected : {false, true}) {
    Bench b(OptionMap{
        {"linger.ms", "0"}, {"request.timeout.ms", "100"}, {"delivery.timeout.ms", "500"}});
    if (!connected) b.core.node_lost(1);
    b.send(kP0, 1);
    const auto sent = b.step().send;
    EXPECT_EQ(sent.size(), connected ? 1u : 0u);
    EXPECT_EQ(b.core.next_deadline(), b.now + milliseconds(500));
    const ProducerEffects effects = b.step(milliseconds(500));
    ASSERT_EQ(effects.complete.size(), 1u);
    EXPECT_EQ(effects.complete[0].result.outcome,
              connected ? SendOutcome::unknown : SendOutcome::failed);
    if (connected) {
      const ProducerEffects late = b.answer(sent[0].request, {kP0, ErrorCode::none, "", 5});
      EXPECT_TRUE(late.complete.empty()) << "a late answer changes nothing";
    }
  }
}

TEST(ProducerCore, WithoutIdempotenceLostBatchesChangePlaces) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}, {"enable.idempotence", "false"}});
  b.send(kP0, 1);
  b.send(kP0, 2);
  const auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 2u);
  b.lose(sent[0].request);
  b.lose(sent[1].request);
  const auto retried = b.step(kBackoff).send;
  ASSERT_EQ(retried.size(), 2u);
  EXPECT_EQ(tokens(*retried[0].batches[0]), std::vector<std::uint64_t>{2});
}

TEST(ProducerCore, WithOneInFlightOrderIsKeptWithoutIdempotence) {
  Bench b(OptionMap{{"linger.ms", "0"},
                    {"batch.size", "0"},
                    {"enable.idempotence", "false"},
                    {"max.in.flight.requests.per.connection", "1"}});
  b.send(kP0, 1);
  b.send(kP0, 2);
  auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 1u);
  b.lose(sent[0].request);
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(tokens(*sent[0].batches[0]), std::vector<std::uint64_t>{1});
}

TEST(ProducerCore, WithIdempotenceRetriesKeepTheOrderOfSequences) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.warm();
  for (std::uint64_t i = 1; i <= 3; ++i) b.send(kP0, i);
  const auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 3u);
  b.lose(sent[1].request);
  b.lose(sent[2].request);
  b.lose(sent[0].request);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto retried = b.step(kBackoff).send;
    ASSERT_EQ(retried.size(), 1u) << "one at a time until the gap is closed";
    EXPECT_EQ(tokens(*retried[0].batches[0]), std::vector<std::uint64_t>{i});
    EXPECT_EQ(retried[0].batches[0]->base_sequence, static_cast<std::int32_t>(i));
    b.answer(retried[0].request, {kP0, ErrorCode::none, "", 0});
  }
}

TEST(ProducerCore, ADefiniteFailureRaisesTheEpochAndRenumbersWhatIsInFlight) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.warm();
  b.send(kP0, 1);
  b.send(kP0, 2);
  const auto sent = b.step().send;
  EXPECT_EQ(b.error(sent[0].request, ErrorCode::invalid_record).complete.size(), 1u);
  b.step();
  const ProducerBatch& second = *sent[1].batches[0];
  EXPECT_EQ(second.producer_epoch, ProducerEpoch{1});
  EXPECT_EQ(second.base_sequence, 0);
  EXPECT_TRUE(b.error(sent[1].request, ErrorCode::out_of_order_sequence_number).complete.empty());
  EXPECT_EQ(b.step(kBackoff).send.size(), 1u);
}

TEST(ProducerCore, OutOfOrderOfTheNextExpectedBatchRaisesTheEpoch) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  b.answer(sent[0].request, {kP0, ErrorCode::none, "", 0});
  b.send(kP0, 2);
  sent = b.step().send;
  EXPECT_EQ(sent[0].batches[0]->base_sequence, 1);
  b.error(sent[0].request, ErrorCode::out_of_order_sequence_number);
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].batches[0]->base_sequence, 0);
  EXPECT_EQ(sent[0].batches[0]->producer_epoch, ProducerEpoch{1});
}

TEST(ProducerCore, WhatMayBeStoredIsNotSentAgainUnderANewEpoch) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.warm();
  b.send(kP0, 1);
  b.send(kP0, 2);
  auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 2u);
  // The first attempt of the first may still come to the broker, after its retry was refused.
  b.lose(sent[0].request);
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  b.error(sent[0].request, ErrorCode::out_of_order_sequence_number);
  const ProducerEffects effects = b.step(kBackoff);
  ASSERT_EQ(effects.complete.size(), 1u);
  EXPECT_EQ(effects.complete[0].token, 1u);
  EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::unknown);
}

TEST(ProducerCore, WhatWasRenumberedOnItsWayIsNotSentAgain) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.warm();
  b.send(kP0, 1);
  b.send(kP0, 2);
  const auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 2u);
  b.error(sent[0].request, ErrorCode::out_of_order_sequence_number);
  b.step(kBackoff);
  EXPECT_EQ(sent[1].batches[0]->producer_epoch, ProducerEpoch{1});
  const ProducerEffects effects = b.lose(sent[1].request);
  ASSERT_EQ(effects.complete.size(), 1u);
  EXPECT_EQ(effects.complete[0].token, 2u);
  EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::unknown);
}

TEST(ProducerCore, OutOfOrderBehindAnEarlierBatchIsRetriedInTheSameEpoch) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.warm();
  b.send(kP0, 1);
  b.send(kP0, 2);
  const auto sent = b.step().send;
  b.error(sent[1].request, ErrorCode::out_of_order_sequence_number);
  b.step(kBackoff);
  EXPECT_EQ(sent[1].batches[0]->producer_epoch, ProducerEpoch{0});
  EXPECT_EQ(sent[1].batches[0]->base_sequence, 2);
}

TEST(ProducerCore, NewBatchesWaitUntilAnExpiredOnesSequenceIsSettled) {
  Bench b(OptionMap{{"linger.ms", "0"},
                    {"batch.size", "0"},
                    {"request.timeout.ms", "100"},
                    {"delivery.timeout.ms", "500"}});
  b.warm();
  b.send(kP0, 1);
  const auto first = b.step().send;
  b.now = b.now + milliseconds(300);
  b.send(kP0, 2);
  const auto second = b.step().send;
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(b.step(milliseconds(200)).complete.size(), 1u) << "the first expires, open";
  b.send(kP0, 3);
  EXPECT_TRUE(b.step().send.empty()) << "nothing goes past an unresolved sequence";
  b.answer(second[0].request, {kP0, ErrorCode::none, "", 1});
  const auto third = b.step().send;
  ASSERT_EQ(third.size(), 1u) << "the second was accepted, so the first was stored";
  EXPECT_EQ(third[0].batches[0]->base_sequence, 3);
  EXPECT_EQ(third[0].batches[0]->producer_epoch, ProducerEpoch{0});
}

TEST(ProducerCore, AnExpiredLastBatchRaisesTheEpoch) {
  Bench b(
      OptionMap{{"linger.ms", "0"}, {"request.timeout.ms", "100"}, {"delivery.timeout.ms", "500"}});
  b.send(kP0, 1);
  b.step();
  b.step(milliseconds(500));
  b.send(kP0, 2);
  const auto sent = b.step().send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].batches[0]->producer_epoch, ProducerEpoch{1});
  EXPECT_EQ(sent[0].batches[0]->base_sequence, 0);
}

TEST(ProducerCore, OtherPartitionsFinishTheirOldEpochFirst) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}}, 2);
  b.send(kP1, 1);
  const auto other = b.step().send;
  b.send(kP0, 2);
  const auto failing = b.step().send;
  b.error(failing[0].request, ErrorCode::invalid_record);
  b.send(kP1, 3);
  EXPECT_TRUE(b.step().send.empty());
  b.answer(other[0].request, {kP1, ErrorCode::none, "", 0});
  const auto next = b.step().send;
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].batches[0]->producer_epoch, ProducerEpoch{1});
  EXPECT_EQ(next[0].batches[0]->base_sequence, 0);
}

TEST(ProducerCore, AnUnknownProducerIdAfterRetentionStartsTheSequencesAgain) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.send(kP0, 1);
  auto sent = b.step().send;
  b.answer(sent[0].request, {kP0, ErrorCode::none, "", 0});
  b.send(kP0, 2);
  sent = b.step().send;
  b.answer(sent[0].request, {kP0, ErrorCode::unknown_producer_id, "", -1, 100});
  sent = b.step(kBackoff).send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].batches[0]->base_sequence, 0);
  EXPECT_EQ(sent[0].batches[0]->producer_epoch, ProducerEpoch{1});
}

TEST(ProducerCore, ATooLargeBatchIsSplitAndKeepsItsSequences) {
  Bench b(OptionMap{{"linger.ms", "5"}});
  for (std::uint64_t i = 0; i < 4; ++i) b.send(kP0, i);
  auto sent = b.step(milliseconds(5)).send;
  EXPECT_TRUE(b.error(sent[0].request, ErrorCode::message_too_large).complete.empty());
  sent = b.step().send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(tokens(*sent[0].batches[0]), (std::vector<std::uint64_t>{0, 1}));
  b.answer(sent[0].request, {kP0, ErrorCode::none, "", 0});
  sent = b.step().send;
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].batches[0]->base_sequence, 2);
  b.answer(sent[0].request, {kP0, ErrorCode::none, "", 2});
  EXPECT_EQ(b.core.memory_free(), b.opts.buffer_memory);
  EXPECT_EQ(b.core.unfinished(), 0u);
}

TEST(ProducerCore, AnExhaustedEpochNeedsANewProducerId) {
  Bench b(OptionMap{{"linger.ms", "0"}});
  b.core.producer_id_assigned(ProducerId{7}, ProducerEpoch{Sequences::kLastEpoch});
  b.send(kP0, 1);
  const auto sent = b.step().send;
  b.error(sent[0].request, ErrorCode::invalid_record);
  b.send(kP0, 2);
  EXPECT_TRUE(b.step().init_producer_id);
  b.core.producer_id_assigned(ProducerId{8}, ProducerEpoch{0});
  const auto next = b.step().send;
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].batches[0]->producer_id, ProducerId{8});
}

TEST(ProducerCore, SequencesWrapAfterTheGreatestInteger) {
  EXPECT_EQ(sequence_after(2147483647, 1), 0);
  EXPECT_EQ(sequence_after(2147483646, 3), 1);
}

TEST(ProducerCore, AbandonLeavesNothingWithoutOutcome) {
  Bench b(OptionMap{{"linger.ms", "0"}, {"batch.size", "0"}});
  b.send(kP0, 1);
  b.step();
  b.core.node_lost(1);
  b.send(kP0, 2);
  ProducerEffects effects;
  b.core.abandon("closed", effects);
  ASSERT_EQ(effects.complete.size(), 2u);
  EXPECT_EQ(effects.complete[0].result.outcome, SendOutcome::unknown);
  EXPECT_EQ(effects.complete[1].result.outcome, SendOutcome::failed);
  EXPECT_EQ(b.core.unfinished(), 0u);
}

}  // namespace
}  // namespace weir::test
