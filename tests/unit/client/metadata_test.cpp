// Metadata by leader epoch, times of refreshes, partitioners.
#include <gtest/gtest.h>

#include "broker/client/metadata_cache.h"
#include "broker/client/partitioner.h"

namespace weir {
namespace {

MetadataUpdate leader(std::int32_t id, std::int32_t epoch, Uuid topic = {0, 5}) {
  return {.brokers = {{1, {"b1", 9092}}, {2, {"b2", 9092}}},
          .topics = {{.name = "t",
                      .id = topic,
                      .partitions = {{.partition = 0, .leader = id, .leader_epoch = epoch}}}}};
}

TEST(ClientMetadata, AnOlderLeaderEpochNeverReplacesANewerOne) {
  MetadataCache cache((ConnectionOptions()));
  Random random(1);
  cache.update(leader(1, 5), {}, random);
  cache.update(leader(2, 4), {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), 1);
  cache.update(leader(2, 6), {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), 2);
  cache.update(leader(1, 0, {0, 6}), {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), 1) << "a topic made anew begins its epochs anew";
}

TEST(ClientMetadata, EpochsDoNotGoBackEvenAfterABrokerDeniedTheTopic) {
  MetadataCache cache((ConnectionOptions()));
  Random random(1);
  cache.want("t");
  cache.update(leader(1, 5), {}, random);
  MetadataUpdate denied = leader(1, 5);
  denied.topics = {{.name = "t", .code = ErrorCode::unknown_topic_or_partition}};
  cache.update(denied, {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), -1);
  cache.update(leader(2, 4), {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), -1) << "an old leader is worse than none";
  cache.update(leader(2, 5), {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), 2);
}

TEST(ClientMetadata, EpochsOfHintsDoNotGoBackEither) {
  MetadataCache cache((ConnectionOptions()));
  Random random(1);
  cache.update(leader(1, 5), {}, random);
  cache.learn_leader({"t", 0}, 2, 7);
  cache.update(leader(1, 6), {}, random);
  EXPECT_EQ(cache.leader({"t", 0}), 2);
  EXPECT_EQ(cache.partition({"t", 0})->leader_epoch, 7);
}

TEST(ClientMetadata, ATopicWantedDuringARefreshIsAskedForRightAfterIt) {
  MetadataCache cache((ConnectionOptions()));
  Random random(1);
  cache.want("t");
  cache.refresh_started();
  cache.want("u");
  cache.update(leader(1, 5), {}, random);
  EXPECT_LE(cache.refresh_at(), Instant{} + std::chrono::milliseconds(120));
}

TEST(ClientMetadata, BeginsAnewWhereRefreshesFailForTooLongOrABrokerDemandsIt) {
  ConnectionOptions options;
  Random random(1);
  const Instant start{1'000'000'000};
  MetadataCache cache(options);
  cache.refresh_failed(start, random);
  EXPECT_FALSE(cache.rebootstrap(start + std::chrono::minutes(4)));
  cache.refresh_failed(start + std::chrono::minutes(4), random);
  EXPECT_TRUE(cache.rebootstrap(start + std::chrono::minutes(5)));
  cache.update(leader(1, 5), start, random);
  EXPECT_FALSE(cache.rebootstrap(start + std::chrono::minutes(9)));
  cache.require_rebootstrap();
  EXPECT_TRUE(cache.rebootstrap(start));
  options.metadata_recovery = MetadataRecovery::none;
  MetadataCache patient(options);
  patient.refresh_failed(start, random);
  EXPECT_FALSE(patient.rebootstrap(start + std::chrono::minutes(50)));
}

TEST(ClientMetadata, HintsOfResponsesCountOnlyWithANewerEpoch) {
  MetadataCache cache((ConnectionOptions()));
  Random random(1);
  cache.update(leader(1, 5), {}, random);
  cache.learn_leader({"t", 0}, 2, 5);
  EXPECT_EQ(cache.leader({"t", 0}), 1);
  cache.learn_leader({"t", 0}, 2, 6);
  EXPECT_EQ(cache.leader({"t", 0}), 2);
}

TEST(ClientMetadata, RefreshesOnDemandWithBackoffAndByAge) {
  ConnectionOptions options;
  MetadataCache cache(options);
  Random random(1);
  EXPECT_EQ(cache.refresh_at(), Instant::never()) << "nobody wants anything";
  cache.want("t");
  EXPECT_LE(cache.refresh_at(), Instant{});
  cache.refresh_started();
  EXPECT_EQ(cache.refresh_at(), Instant::never()) << "one at a time";
  const Instant now{1'000'000'000};
  cache.refresh_failed(now, random);
  EXPECT_GE(cache.refresh_at(), now + std::chrono::milliseconds(80));
  cache.update(leader(1, 5), now, random);
  EXPECT_EQ(cache.refresh_at(), now + options.metadata_max_age);
  cache.request_refresh();
  EXPECT_GE(cache.refresh_at(), now + std::chrono::milliseconds(80)) << "not in a loop";
}

TEST(ClientMetadata, ALeaderlessPartitionIsAskedForAgain) {
  MetadataCache cache((ConnectionOptions()));
  Random random(1);
  cache.want("t");
  cache.update(leader(-1, 5), {}, random);
  EXPECT_LE(cache.refresh_at(), Instant{} + std::chrono::milliseconds(120));
}

TEST(ClientPartitioner, Murmur2AgreesWithTheJavaClient) {
  const struct {
    const char* key;
    std::int32_t hash;
  } cases[] = {{"21", -973932308},
               {"foobar", -790332482},
               {"a-little-bit-long-string", -985981536},
               {"a-little-bit-longer-string", -1486304829},
               {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
               {"abc", 479470107}};
  for (const auto& c : cases) EXPECT_EQ(murmur2(as_bytes(c.key)), c.hash) << c.key;
}

TEST(ClientPartitioner, NullKeysStickToAPartitionUntilABatchOfBytesWentThere) {
  Partitioner partitioner(PartitionerKind::sticky, 100);
  Random random(3);
  const std::int32_t first = partitioner.choose("t", {}, 16, {}, random);
  partitioner.appended("t", 60);
  EXPECT_EQ(partitioner.choose("t", {}, 16, {}, random), first);
  std::set<std::int32_t> seen;
  for (int i = 0; i < 200; ++i) {
    partitioner.appended("t", 100);
    seen.insert(partitioner.choose("t", {}, 16, {}, random));
  }
  EXPECT_EQ(seen.size(), 16u);
}

TEST(ClientPartitioner, PrefersPartitionsWithALeader) {
  Partitioner partitioner(PartitionerKind::sticky, 1);
  Random random(3);
  const std::int32_t available[] = {4, 9};
  for (int i = 0; i < 20; ++i) {
    partitioner.appended("t", 1);
    const std::int32_t chosen = partitioner.choose("t", {}, 16, available, random);
    EXPECT_TRUE(chosen == 4 || chosen == 9);
  }
}

}  // namespace
}  // namespace weir
