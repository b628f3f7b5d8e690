// The consumer's core: whom it fetches from, and whether a position still holds when the leader of
// its partition changes (KIP-320).
#include "broker/client/fetcher.h"

#include <gtest/gtest.h>

#include "broker/client/fetch_messages.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

const TopicPartition kP0{"t", 0};
const TopicPartition kP1{"t", 1};
// Far enough for any backoff.
constexpr milliseconds kBackoff{1300};

// A consumer of two partitions, led by brokers 1 and 2 in epoch 3.
struct Reading {
  explicit Reading(OptionMap given = {})
      : opts(options(std::move(given))), fetcher(opts), metadata(opts.connection) {
    MetadataUpdate update;
    update.brokers = {{1, {"b1", 9092}}, {2, {"b2", 9092}}};
    update.topics = {{.name = "t",
                      .partitions = {{.partition = 0, .leader = 1, .leader_epoch = 3},
                                     {.partition = 1, .leader = 2, .leader_epoch = 3}}}};
    metadata.update(update, now, random);
    fetcher.node_ready(1);
    fetcher.node_ready(2);
    const TopicPartition one[] = {kP0};
    fetcher.assign(one);
  }
  static ConsumerOptions options(OptionMap given) {
    given.emplace("bootstrap.servers", "b1:9092");
    given.emplace("auto.offset.reset", "earliest");
    return ConsumerOptions::from(given).value();
  }

  FetcherEffects step(milliseconds later = milliseconds(0)) {
    now = now + later;
    FetcherEffects effects;
    fetcher.step(metadata, FetcherActivity::fetch, now, effects);
    return effects;
  }
  FetcherEffects records(std::uint64_t request, Offset first, int count, std::int32_t epoch,
                         const TopicPartition& tp = kP0) {
    RecordBatchBuilder builder;
    for (int i = 0; i < count; ++i) builder.append({.value = as_bytes("x")});
    const Slice batch = builder.build({}, codecs);
    std::vector<FetchAnswer> answers = {{.tp = tp, .records = with_place(batch, first, epoch)}};
    FetcherEffects effects;
    fetcher.fetch_answered(request, std::move(answers), now, random, effects);
    return effects;
  }
  FetcherEffects error(std::uint64_t request, ErrorCode code) {
    std::vector<FetchAnswer> answers = {{.tp = kP0, .code = code}};
    FetcherEffects effects;
    fetcher.fetch_answered(request, std::move(answers), now, random, effects);
    return effects;
  }
  FetcherEffects end(std::uint64_t request, EpochAnswer answer) {
    FetcherEffects effects;
    fetcher.epochs_answered(request, {&answer, 1}, now, random, effects);
    return effects;
  }
  // Reads offsets 10 to 14 in epoch 3, and nothing is buffered any more.
  void read_five() {
    fetcher.seek(kP0, Offset{10});
    records(step().fetch.at(0).request, Offset{10}, 5, 3);
    EXPECT_EQ(fetcher.collect(codecs).value().size(), 5u);
    EXPECT_EQ(fetcher.position(kP0), Offset{15});
  }
  // ... and then broker 2 leads in epoch 4, and is asked about the position.
  std::uint64_t ask_after_failover() {
    read_five();
    metadata.learn_leader(kP0, 2, 4);
    const FetcherEffects effects = step();
    EXPECT_TRUE(effects.fetch.empty()) << "an unproven position is not read from";
    EXPECT_EQ(effects.validate.size(), 1u);
    return effects.validate.empty() ? 0 : effects.validate[0].request;
  }
  static Slice with_place(const Slice& batch, Offset first, std::int32_t epoch) {
    std::string bytes(batch.text());
    for (std::size_t i = 0; i < 8; ++i) {
      bytes[i] = static_cast<char>(first.value() >> (8 * (7 - i)) & 0xff);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      bytes[12 + i] = static_cast<char>(epoch >> (8 * (3 - i)) & 0xff);
    }
    return Slice::copy_of(bytes);
  }

  ConsumerOptions opts;
  Random random{1};
  Instant now{1'000'000'000};
  Codecs codecs;
  Fetcher fetcher;
  MetadataCache metadata;
};

TEST(Fetcher, FetchesFromSeveralLeadersAtOnceInTheirEpochs) {
  Reading r;
  const TopicPartition both[] = {kP0, kP1};
  r.fetcher.assign(both);
  for (const TopicPartition& tp : both) r.fetcher.seek(tp, Offset{0});
  const auto fetches = r.step().fetch;
  ASSERT_EQ(fetches.size(), 2u);
  EXPECT_EQ(fetches[0].node, 1);
  EXPECT_EQ(fetches[1].node, 2);
  EXPECT_EQ(fetches[1].targets.at(0).leader_epoch, 3);
  EXPECT_TRUE(r.step().fetch.empty()) << "one fetch a leader";
}

TEST(Fetcher, ANewLeaderConfirmsThePositionBeforeItIsReadFrom) {
  Reading r;
  const std::uint64_t question = r.ask_after_failover();
  const FetcherEffects effects = r.end(question, {kP0, ErrorCode::none, 3, Offset{15}});
  ASSERT_EQ(effects.validated.size(), 1u);
  EXPECT_EQ(effects.validated[0].offset, Offset{15});
  EXPECT_EQ(effects.validated[0].leader_epoch, 4);
  const auto fetches = r.step().fetch;
  ASSERT_EQ(fetches.size(), 1u);
  EXPECT_EQ(fetches[0].node, 2);
  EXPECT_EQ(fetches[0].targets.at(0).offset, Offset{15});
  EXPECT_EQ(fetches[0].targets.at(0).leader_epoch, 4);
}

TEST(Fetcher, TheQuestionNamesTheEpochOfTheLastRecordAndThatOfTheLeader) {
  Reading r;
  r.read_five();
  r.metadata.learn_leader(kP0, 2, 4);
  const auto asked = r.step().validate.at(0);
  EXPECT_EQ(asked.node, 2);
  const OffsetForLeaderEpochRequest request = make_validation_request(asked.positions);
  EXPECT_EQ(request.replica_id, -1);
  EXPECT_EQ(request.topics.at(0).partitions.at(0).leader_epoch, 3);
  EXPECT_EQ(request.topics.at(0).partitions.at(0).current_leader_epoch, 4);
}

TEST(Fetcher, ATruncatedPositionGoesBackToWhereTheLogsPart) {
  for (const std::string policy : {"earliest", "latest"}) {
    Reading r(OptionMap{{"auto.offset.reset", policy}});
    const auto effects = r.end(r.ask_after_failover(), {kP0, ErrorCode::none, 2, Offset{12}});
    ASSERT_EQ(effects.truncated.size(), 1u);
    EXPECT_EQ(effects.truncated[0].position, Offset{15});
    EXPECT_EQ(effects.truncated[0].divergent, Offset{12});
    ASSERT_EQ(effects.resets.size(), 1u);
    EXPECT_EQ(effects.resets[0].position, Offset{12});
    EXPECT_EQ(r.fetcher.position(kP0), Offset{12});
    EXPECT_EQ(r.step().fetch.at(0).targets.at(0).offset, Offset{12});
  }
}

TEST(Fetcher, UnderNoneATruncationIsToldWithTheOffsetUntilTheApplicationSeeks) {
  Reading r(OptionMap{{"auto.offset.reset", "none"}});
  std::uint64_t question = r.ask_after_failover();
  for (int i = 0; i < 2; ++i) {
    r.end(question, {kP0, ErrorCode::none, 3, Offset{12}});
    const auto got = r.fetcher.collect(r.codecs);
    ASSERT_TRUE(got.has_error());
    EXPECT_EQ(got.error().code, code_of(ErrorCode::offset_out_of_range));
    ASSERT_TRUE(got.error().truncation);
    EXPECT_EQ(got.error().truncation->position, Offset{15});
    EXPECT_EQ(got.error().truncation->divergent, Offset{12});
    EXPECT_EQ(r.fetcher.position(kP0), Offset{15}) << "not moved behind anybody's back";
    question = r.step().validate.at(0).request;
  }
  r.fetcher.seek(kP0, Offset{12});
  EXPECT_EQ(r.step().fetch.at(0).targets.at(0).offset, Offset{12});
}

TEST(Fetcher, ALeaderThatKnowsNothingOfTheEpochMakesThePolicyDecide) {
  Reading r;
  const auto effects = r.end(r.ask_after_failover(), {kP0, ErrorCode::none, -1, Offset{-1}});
  ASSERT_EQ(effects.truncated.size(), 1u);
  EXPECT_FALSE(effects.truncated[0].divergent);
  EXPECT_EQ(r.step().list_offsets.at(0).queries.at(0).timestamp, kEarliestTimestamp);
}

TEST(Fetcher, AnUnansweredQuestionIsAskedAgainAndNothingIsReadMeanwhile) {
  for (const ErrorCode code :
       {ErrorCode::not_leader_or_follower, ErrorCode::fenced_leader_epoch,
        ErrorCode::unknown_leader_epoch, ErrorCode::offset_not_available,
        ErrorCode::kafka_storage_error, ErrorCode::unknown_topic_or_partition}) {
    Reading r;
    r.end(r.ask_after_failover(), {kP0, code});
    EXPECT_TRUE(r.step().validate.empty()) << "backoff";
    const FetcherEffects effects = r.step(kBackoff);
    EXPECT_EQ(effects.validate.size(), 1u) << name_of(code);
    EXPECT_TRUE(effects.fetch.empty());
  }
}

TEST(Fetcher, AnAnswerThatASeekHasOvertakenChangesNothing) {
  Reading r;
  const std::uint64_t question = r.ask_after_failover();
  r.fetcher.seek(kP0, Offset{40});
  const FetcherEffects effects = r.end(question, {kP0, ErrorCode::none, 3, Offset{12}});
  EXPECT_TRUE(effects.truncated.empty());
  EXPECT_EQ(r.fetcher.position(kP0), Offset{40});
}

TEST(Fetcher, AnAnswerOfTheOldLeaderIsDroppedWhileTheNewOneIsAsked) {
  Reading r;
  r.read_five();
  const std::uint64_t old = r.step().fetch.at(0).request;
  r.metadata.learn_leader(kP0, 2, 4);
  EXPECT_EQ(r.step().validate.size(), 1u);
  r.records(old, Offset{15}, 3, 3);
  EXPECT_FALSE(r.fetcher.anything_to_collect());
  EXPECT_EQ(r.fetcher.position(kP0), Offset{15});
}

TEST(Fetcher, ASecondFailoverIsProvenAnew) {
  Reading r;
  r.end(r.ask_after_failover(), {kP0, ErrorCode::none, 3, Offset{15}});
  r.metadata.learn_leader(kP0, 1, 5);
  EXPECT_EQ(r.step().validate.size(), 1u);
}

TEST(Fetcher, APositionThatWasSoughtHasNoEpochToProve) {
  Reading r;
  r.fetcher.seek(kP0, Offset{10});
  r.metadata.learn_leader(kP0, 2, 4);
  EXPECT_EQ(r.step().fetch.size(), 1u);
}

TEST(Fetcher, AResetTakesTheEpochThatTheLeaderTells) {
  Reading r;
  const auto asked = r.step().list_offsets.at(0);
  EXPECT_EQ(asked.queries.at(0).leader_epoch, 3);
  const OffsetAnswer answer{kP0, ErrorCode::none, Offset{7}, 2};
  FetcherEffects effects;
  r.fetcher.offsets_answered(asked.request, {&answer, 1}, r.now, r.random, effects);
  const auto fetches = r.step().fetch;
  ASSERT_EQ(fetches.size(), 1u) << "the leader that told it has it";
  r.error(fetches[0].request, ErrorCode::not_leader_or_follower);
  r.metadata.learn_leader(kP0, 2, 4);
  EXPECT_EQ(r.step().validate.at(0).positions.at(0).epoch, 2);
}

TEST(Fetcher, ABrokerTooOldToBeAskedIsReadFrom) {
  Reading r;
  r.fetcher.epochs_unsupported(r.ask_after_failover());
  EXPECT_EQ(r.step().fetch.size(), 1u);
}

TEST(Fetcher, PassingErrorsAreRetriedAndStaleLeadershipAsksForMetadata) {
  const struct {
    ErrorCode code;
    bool metadata;
  } cases[] = {
      {ErrorCode::not_leader_or_follower, true},     {ErrorCode::fenced_leader_epoch, true},
      {ErrorCode::unknown_topic_or_partition, true}, {ErrorCode::kafka_storage_error, true},
      {ErrorCode::unknown_leader_epoch, false},      {ErrorCode::offset_not_available, false}};
  for (const auto& c : cases) {
    Reading r;
    r.fetcher.seek(kP0, Offset{10});
    const FetcherEffects effects = r.error(r.step().fetch.at(0).request, c.code);
    EXPECT_EQ(effects.refresh_metadata, c.metadata) << name_of(c.code);
    EXPECT_TRUE(r.step().fetch.empty());
    EXPECT_EQ(r.step(kBackoff).fetch.size(), 1u) << name_of(c.code);
    EXPECT_EQ(r.fetcher.position(kP0), Offset{10});
  }
}

TEST(Fetcher, ANewLeaderNeedNotWaitForTheBackoffOfTheOldOne) {
  Reading r;
  r.fetcher.seek(kP0, Offset{10});
  r.error(r.step().fetch.at(0).request, ErrorCode::not_leader_or_follower);
  r.metadata.learn_leader(kP0, 2, 4);
  const auto fetches = r.step().fetch;
  ASSERT_EQ(fetches.size(), 1u);
  EXPECT_EQ(fetches[0].node, 2);
}

TEST(Fetcher, OffsetNotAvailableDelaysAResetAndMovesNothing) {
  Reading r;
  const auto asked = r.step().list_offsets.at(0);
  const OffsetAnswer answer{kP0, ErrorCode::offset_not_available};
  FetcherEffects effects;
  r.fetcher.offsets_answered(asked.request, {&answer, 1}, r.now, r.random, effects);
  EXPECT_TRUE(effects.resets.empty());
  EXPECT_EQ(r.step(kBackoff).list_offsets.size(), 1u);
}

TEST(Fetcher, APreferredReplicaIsNotFollowed) {
  Reading r;
  r.fetcher.seek(kP0, Offset{10});
  const auto fetch = r.step().fetch.at(0);
  const FetchRequest request = make_fetch_request(fetch, r.opts, r.metadata).request;
  EXPECT_EQ(request.rack_id, "") << "no rack, no preference";
  FetchResponse response;
  response.responses.push_back({.topic = "t"});
  response.responses[0].partitions.push_back({.partition_index = 0, .preferred_read_replica = 2});
  FetcherEffects effects;
  r.fetcher.fetch_answered(fetch.request, answers_of(response, request), r.now, r.random, effects);
  EXPECT_EQ(r.step().fetch.at(0).node, 1);
}

}  // namespace
}  // namespace weir
