// The rules of the idempotent producer, one test a rule.
#include "broker/storage/producer_state.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace weir {
namespace {

using Kind = ProducerVerdict::Kind;
constexpr std::int32_t kMaxSequence = 2147483647;

struct Sent {
  std::int32_t sequence = 0;
  std::int32_t count = 1;
  std::int16_t epoch = 0;
  std::int64_t offset = 0;
  std::int64_t producer = 7;
  bool transactional = false;
};

BatchHeader header(const Sent& sent) {
  BatchHeader h;
  h.base_offset = Offset{sent.offset};
  h.producer_id = ProducerId{sent.producer};
  h.producer_epoch = ProducerEpoch{sent.epoch};
  h.base_sequence = sent.sequence;
  h.last_offset_delta = sent.count - 1;
  h.record_count = sent.count;
  h.max_timestamp = 1000 + sent.offset;
  if (sent.transactional) h.attributes |= BatchHeader::kTransactionalBit;
  return h;
}

class Producers : public testing::Test {
 protected:
  void apply(const Sent& sent, std::int64_t seen = 0) {
    states_.apply(header(sent), WallTime{seen});
  }
  ProducerVerdict check(const Sent& sent) { return states_.check(header(sent)); }
  void expect_refused(const Sent& sent, ErrorCode error) {
    const ProducerVerdict verdict = check(sent);
    EXPECT_EQ(verdict.kind, Kind::refuse);
    EXPECT_EQ(verdict.error, error);
  }
  ProducerStates states_;
};

TEST_F(Producers, BatchesWithoutProducerIdAreAcceptedAndNotRemembered) {
  BatchHeader plain;
  EXPECT_EQ(states_.check(plain).kind, Kind::accept);
  states_.apply(plain, WallTime{1});
  EXPECT_TRUE(states_.entries().empty());
}

TEST_F(Producers, CheckChangesNothing) {
  apply({.sequence = 0});
  const ProducerStates before = states_;
  static_cast<void>(check({.sequence = 1}));
  EXPECT_EQ(states_, before);
}

TEST_F(Producers, ARetryOfAnyOfTheLastFiveBatchesIsADuplicateWithItsOffsets) {
  for (std::int32_t i = 0; i < 6; ++i)
    apply({.sequence = i * 3, .count = 3, .offset = 100 + i * 10});
  for (std::int32_t i = 1; i < 6; ++i) {
    const ProducerVerdict verdict = check({.sequence = i * 3, .count = 3});
    EXPECT_EQ(verdict.kind, Kind::duplicate) << i;
    EXPECT_EQ(verdict.base_offset, Offset{100 + i * 10});
    EXPECT_EQ(verdict.last_offset, Offset{102 + i * 10});
    EXPECT_EQ(verdict.timestamp, WallTime{1100 + i * 10});
  }
}

TEST_F(Producers, ARetryOlderThanTheLastFiveIsOutOfOrder) {
  for (std::int32_t i = 0; i < 6; ++i) apply({.sequence = i});
  expect_refused({.sequence = 0}, ErrorCode::out_of_order_sequence_number);
}

TEST_F(Producers, OnlyTheExactRangeIsADuplicate) {
  apply({.sequence = 0, .count = 3});
  expect_refused({.sequence = 0, .count = 2}, ErrorCode::out_of_order_sequence_number);
  expect_refused({.sequence = 1, .count = 2}, ErrorCode::out_of_order_sequence_number);
}

TEST_F(Producers, TheSameSequencesInAnotherEpochAreNoDuplicate) {
  apply({.sequence = 0, .epoch = 1});
  EXPECT_EQ(check({.sequence = 0, .epoch = 2}).kind, Kind::accept);
}

TEST_F(Producers, TheNextSequenceIsAcceptedAndAGapRefused) {
  apply({.sequence = 0, .count = 5});
  EXPECT_EQ(check({.sequence = 5}).kind, Kind::accept);
  expect_refused({.sequence = 6}, ErrorCode::out_of_order_sequence_number);
  expect_refused({.sequence = 4}, ErrorCode::out_of_order_sequence_number);
}

TEST_F(Producers, SequencesWrapFromTheLargestToZero) {
  apply({.sequence = kMaxSequence});
  EXPECT_EQ(check({.sequence = 0}).kind, Kind::accept);
  expect_refused({.sequence = 1}, ErrorCode::out_of_order_sequence_number);
}

TEST_F(Producers, ABatchThatWrapsInsideIsFollowedAndRecognised) {
  apply({.sequence = kMaxSequence - 1, .count = 4, .offset = 10});  // ...46, ...47, 0, 1
  EXPECT_EQ(check({.sequence = 2}).kind, Kind::accept);
  EXPECT_EQ(check({.sequence = kMaxSequence - 1, .count = 4}).base_offset, Offset{10});
}

TEST_F(Producers, AnOlderEpochIsFenced) {
  apply({.sequence = 0, .epoch = 3});
  expect_refused({.sequence = 1, .epoch = 2}, ErrorCode::invalid_producer_epoch);
}

TEST_F(Producers, ANewEpochBeginsWithSequenceZero) {
  apply({.sequence = 41, .epoch = 3});
  EXPECT_EQ(check({.sequence = 0, .epoch = 4}).kind, Kind::accept);
  expect_refused({.sequence = 42, .epoch = 4}, ErrorCode::out_of_order_sequence_number);
}

TEST_F(Producers, OfAnUnknownProducerAnySequenceIsAccepted) {
  EXPECT_EQ(check({.sequence = 17}).kind, Kind::accept);
}

TEST_F(Producers, AProducerIdWithoutSequenceOrEpochIsInvalid) {
  expect_refused({.sequence = -1}, ErrorCode::invalid_record);
  expect_refused({.sequence = 0, .epoch = -1}, ErrorCode::invalid_record);
}

TEST_F(Producers, TransactionalDataNeedsAnOpenTransactionAndOtherDataNone) {
  expect_refused({.sequence = 0, .transactional = true}, ErrorCode::invalid_txn_state);
  apply({.sequence = 0, .transactional = true});
  EXPECT_EQ(check({.sequence = 1, .transactional = true}).kind, Kind::accept);
  expect_refused({.sequence = 1}, ErrorCode::invalid_txn_state);
  BatchHeader marker = header({.sequence = -1, .transactional = true});
  marker.attributes |= BatchHeader::kControlBit;
  states_.apply(marker, WallTime{5});
  EXPECT_EQ(check({.sequence = 1}).kind, Kind::accept);
}

TEST_F(Producers, ReplicatedBatchesAreAbsorbedWhateverTheirSequence) {
  apply({.sequence = 0});
  apply({.sequence = 90});
  EXPECT_EQ(check({.sequence = 91}).kind, Kind::accept);
}

TEST_F(Producers, ExpireWhenNotSeenForLongButNotInATransaction) {
  apply({.sequence = 0, .producer = 1}, 1000);
  apply({.sequence = 0, .producer = 2}, 1500);
  apply({.sequence = 0, .producer = 3, .transactional = true}, 1000);
  states_.expire(WallTime{2000}, 1000);
  EXPECT_FALSE(states_.entries().contains(ProducerId{1}));
  EXPECT_TRUE(states_.entries().contains(ProducerId{2}));
  EXPECT_TRUE(states_.entries().contains(ProducerId{3}));
}

TEST_F(Producers, ASnapshotOfAnyStateIsReadBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::tuple<std::uint8_t, std::uint8_t, bool>>& steps) {
    ProducerStates states;
    std::int64_t offset = 0;
    for (const auto& [producer, epoch, transactional] : steps) {
      const Sent sent{.sequence = static_cast<std::int32_t>(offset),
                      .epoch = static_cast<std::int16_t>(epoch % 3),
                      .offset = offset,
                      .producer = producer % 4,
                      .transactional = transactional};
      states.apply(header(sent), WallTime{offset++});
    }
    const Result<ProducerStates> back = ProducerStates::decode(states.encode());
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == states);
  }));
}

TEST_F(Producers, ASnapshotThatWasCutOrRottedIsRefused) {
  apply({.sequence = 3, .count = 2});
  const Slice whole = states_.encode();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(ProducerStates::decode(whole.subslice(0, length))) << length;
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Buffer rotted;
    rotted.append(whole);
    rotted.data()[at] ^= std::byte{0x40};
    EXPECT_FALSE(ProducerStates::decode(std::move(rotted).share())) << at;
  }
}

}  // namespace
}  // namespace weir
