// The image: copies, digest, replay, difference, snapshot; and the placement of replicas.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "broker/controller/image_diff.h"
#include "broker/controller/image_snapshot.h"
#include "broker/controller/metadata_image.h"
#include "broker/controller/placement.h"
#include "controller_lab.h"

namespace weir {
namespace {

TopicRecord topic_record(const std::string& name, std::uint64_t id) {
  TopicRecord record;
  record.name = name;
  record.topic_id = {1, id};
  return record;
}

PartitionRecord partition_record(std::uint64_t topic, std::int32_t index) {
  PartitionRecord record;
  record.topic_id = {1, topic};
  record.partition_id = index;
  record.replicas = {1, 2};
  record.isr = {1, 2};
  record.leader = 1;
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  return record;
}

MetadataImage with_topic() {
  MetadataImage image;
  EXPECT_TRUE(replay(image, topic_record("orders", 1)));
  EXPECT_TRUE(replay(image, partition_record(1, 0)));
  return image;
}

TEST(Image, ACopyKeepsItsStateWhenTheOriginalChanges) {
  MetadataImage image = with_topic();
  const MetadataImage copy = image;
  PartitionChangeRecord change;
  change.topic_id = {1, 1};
  change.partition_id = 0;
  change.leader = 2;
  ASSERT_TRUE(replay(image, change));
  EXPECT_EQ(copy.partition({1, 1}, 0)->leader, BrokerId{1});
  EXPECT_EQ(image.partition({1, 1}, 0)->leader, BrokerId{2});
  EXPECT_EQ(image.partition({1, 1}, 0)->leader_epoch, LeaderEpoch{1});
  EXPECT_NE(copy.digest(), image.digest());
  EXPECT_FALSE(copy.same_content(image));
}

TEST(Image, ItsDigestForgetsWhatWasUndone) {
  MetadataImage image = with_topic();
  const std::uint64_t before = image.digest();
  ASSERT_TRUE(replay(image, topic_record("other", 2)));
  ConfigRecord config;
  config.resource_type = 2;
  config.resource_name = "orders";
  config.name = "retention.ms";
  config.value = "1";
  ASSERT_TRUE(replay(image, config));
  EXPECT_NE(image.digest(), before);
  config.value = std::nullopt;
  ASSERT_TRUE(replay(image, config));
  RemoveTopicRecord remove;
  remove.topic_id = {1, 2};
  ASSERT_TRUE(replay(image, remove));
  EXPECT_EQ(image.digest(), before);
  EXPECT_EQ(image, with_topic());
}

TEST(Replay, RefusesWhatDoesNotFitAndChangesNothing) {
  MetadataImage image = with_topic();
  const std::uint64_t before = image.digest();
  PartitionChangeRecord of_nothing;
  of_nothing.topic_id = {1, 9};
  of_nothing.partition_id = 0;
  BrokerRegistrationChangeRecord nobody;
  nobody.broker_id = 3;
  ConfigRecord setting;
  setting.resource_type = 9;
  ProducerIdsRecord ids;
  ids.next_producer_id = 0;
  FeatureLevelRecord future;
  future.name = "metadata.version";
  future.feature_level = 99;
  for (const MetadataRecord& record : std::vector<MetadataRecord>{
           of_nothing, nobody, setting, ids, future, topic_record("orders", 5),
           topic_record("x", 1), partition_record(1, 2), partition_record(9, 0)}) {
    std::string why;
    EXPECT_FALSE(replay(image, record, &why)) << print(record);
    EXPECT_NE(why.find(name_of(record)), std::string::npos) << why;
  }
  EXPECT_EQ(image.digest(), before);
}

TEST(Replay, FramesOfTransactionsMustMatch) {
  MetadataReplay replay;
  const std::vector<MetadataRecord> end = {EndTransactionRecord{}};
  EXPECT_FALSE(replay.apply(end, {Offset{1}, LeaderEpoch{1}}));
  MetadataReplay twice;
  const std::vector<MetadataRecord> begins = {BeginTransactionRecord{}, BeginTransactionRecord{}};
  EXPECT_FALSE(twice.apply(begins, {Offset{2}, LeaderEpoch{1}}));
}

TEST(Replay, APublishedImageLagsBehindAnOpenTransaction) {
  MetadataReplay replay;
  const std::vector<MetadataRecord> first = {BeginTransactionRecord{}, topic_record("a", 1)};
  ASSERT_TRUE(replay.apply(first, {Offset{2}, LeaderEpoch{1}}));
  EXPECT_EQ(replay.published().topics().size(), 0u);
  EXPECT_EQ(replay.published().applied().end, Offset{0});
  const std::vector<MetadataRecord> rest = {topic_record("b", 2), EndTransactionRecord{}};
  ASSERT_TRUE(replay.apply(rest, {Offset{4}, LeaderEpoch{1}}));
  EXPECT_EQ(replay.published().topics().size(), 2u);
  EXPECT_EQ(replay.published().applied().end, Offset{4});
}

TEST(Diff, TellsWhatChangedAndNothingElse) {
  ControllerLab lab({}, 3);
  lab.create_topic("kept", {{1, 2, 3}});
  lab.create_topic("gone", {{1}, {2}});
  lab.create_topic("anew", {{1}});
  const MetadataImage before = lab.image();
  EXPECT_TRUE(diff(before, lab.image()).empty());
  DeleteTopicsRequest request;
  request.topics = {{"gone", {}}, {"anew", {}}};
  lab.ask(request);
  lab.create_topic("anew", {{2}});
  lab.create_topic("passing", {{2}});
  request.topics = {{"passing", {}}};
  lab.ask(request);
  lab.lose_all_but({2, 3});
  const ImageDiff changes = diff(before, lab.image());
  ASSERT_EQ(changes.topics_deleted.size(), 2u);
  EXPECT_EQ(changes.topics_deleted[0]->name, "anew");
  EXPECT_EQ(changes.topics_deleted[1]->name, "gone");
  ASSERT_EQ(changes.topics_created.size(), 1u);  // what came and went is not seen
  EXPECT_EQ(changes.topics_created[0]->name, "anew");
  ASSERT_EQ(changes.partitions.size(), 5u);
  const ChangedPartition& moved = changes.partitions.back();
  EXPECT_EQ(moved.topic().name, "kept");
  EXPECT_EQ(moved.old_state()->leader, BrokerId{1});
  EXPECT_EQ(moved.new_state()->leader, BrokerId{2});
  ASSERT_EQ(changes.brokers.size(), 1u);
  EXPECT_FALSE(changes.brokers[0].before->fenced);
  EXPECT_TRUE(changes.brokers[0].after->fenced);
  EXPECT_FALSE(changes.features || changes.producer_ids || changes.controllers);
}

TEST(Snapshot, GivesAnEqualImage) {
  ControllerLab lab({}, 3);
  lab.create_topic("orders", {{1, 2, 3}, {2, 3, 1}}, {{"retention.ms", "5"}});
  lab.reassign("orders", {{2, 3}});
  lab.set_config(4, "1", "log.retention.ms", "9");
  lab.lose_all_but({3});
  MetadataImage copy;
  for (const VersionedRecord& r : snapshot_records(lab.image())) {
    std::string why;
    ASSERT_TRUE(replay(copy, r.record, &why)) << why;
    ASSERT_TRUE(encode_metadata_record(r.record, r.version, &why)) << why;
  }
  EXPECT_TRUE(copy.same_content(lab.image()));
  EXPECT_EQ(copy.digest(), lab.image().digest());
  EXPECT_EQ(copy.partition_count(), lab.image().partition_count());
}

TEST(Features, DecideTheVersionsOfRecords) {
  EXPECT_EQ(record_version(PartitionRecord{}, 7), 0);
  EXPECT_EQ(record_version(PartitionRecord{}, 17), 1);
  EXPECT_EQ(record_version(PartitionChangeRecord{}, 25), 2);
  EXPECT_EQ(record_version(RegisterBrokerRecord{}, 7), 1);
  EXPECT_EQ(record_version(RegisterBrokerRecord{}, 25), 3);
  EXPECT_EQ(record_version(TopicRecord{}, 25), 0);
}

TEST(Placement, SpreadsOverRacksThenOverBrokersAndNeverLeadsFenced) {
  EXPECT_TRUE(rc::check([](std::uint64_t key) {
    Random random(key);
    std::vector<BrokerImage> brokers;
    const auto racks = random.below(4);  // 0: nobody tells one
    const auto count = 1 + random.below(9);
    std::size_t unfenced = 0;
    std::map<std::string, std::size_t> in_rack;
    for (std::uint64_t b = 0; b < count; ++b) {
      BrokerImage broker{BrokerId{static_cast<std::int32_t>(b)}, "b", 1};
      if (racks > 0) broker.rack = "r" + std::to_string(random.below(racks));
      broker.fenced = random.chance({1, 4});
      if (!broker.fenced) ++unfenced;
      ++in_rack[broker.rack.value_or("")];
      brokers.push_back(broker);
    }
    Placer placer(brokers, random);
    const auto factor = static_cast<std::int32_t>(1 + random.below(count));
    RC_ASSERT(placer.why_impossible(factor).empty() == (unfenced > 0));
    RC_ASSERT(!placer.why_impossible(static_cast<std::int32_t>(count) + 1).empty());
    if (unfenced == 0) return;
    std::map<std::int32_t, std::size_t> leads;
    const std::size_t partitions = 60;
    for (std::size_t p = 0; p < partitions; ++p) {
      const std::vector<std::int32_t> replicas = placer.next(factor);
      RC_ASSERT(replicas.size() == static_cast<std::size_t>(factor));
      RC_ASSERT(std::set<std::int32_t>(replicas.begin(), replicas.end()).size() == replicas.size());
      RC_ASSERT(!brokers[static_cast<std::size_t>(replicas[0])].fenced);
      ++leads[replicas[0]];
      std::map<std::string, std::size_t> used;
      for (const std::int32_t id : replicas) {
        ++used[brokers[static_cast<std::size_t>(id)].rack.value_or("")];
      }
      for (const auto& [rack, n] : used) {
        for (const auto& [other, size] : in_rack) {
          const std::size_t there = used.contains(other) ? used[other] : 0;
          RC_ASSERT(n <= there + 1 || there == size);  // a second one only where all have one
        }
      }
    }
    // With nobody fenced and racks of one size, everybody leads equally often.
    const bool even = std::all_of(in_rack.begin(), in_rack.end(), [&](const auto& rack) {
      return rack.second == in_rack.begin()->second;
    });
    if (unfenced == count && even) {
      for (const auto& [id, n] : leads) RC_ASSERT(n + 1 >= partitions / count);
      RC_ASSERT(leads.size() == count);
    }
  }));
}

}  // namespace
}  // namespace weir
