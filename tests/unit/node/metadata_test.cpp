// The metadata image, its rules, and the file that keeps its topics.
#include <gtest/gtest.h>

#include "broker/controller/metadata_image.h"
#include "broker/node/broker_config.h"
#include "broker/node/metadata_file.h"

namespace weir {
namespace {

std::vector<BrokerImage> two_brokers() {
  return {{BrokerId{2}, "b2", 9092}, {BrokerId{1}, "b1", 9092}};
}

TopicImage orders(std::uint64_t id = 7) {
  return make_topic("orders", Uuid{1, id}, 3,
                    {{BrokerId{1}, "b1", 9092}, {BrokerId{2}, "b2", 9092}},
                    {{"retention.ms", "5"}});
}

TEST(MetadataImage, FindsBrokersAndTopicsByNameAndId) {
  const auto image = MetadataImage::create(two_brokers(), BrokerId{1}, {orders()});
  ASSERT_NE(image->broker(BrokerId{2}), nullptr);
  EXPECT_EQ(image->broker(BrokerId{2})->host, "b2");
  EXPECT_EQ(image->broker(BrokerId{3}), nullptr);
  EXPECT_EQ(image->brokers()[0].id, BrokerId{1});
  ASSERT_NE(image->topic("orders"), nullptr);
  EXPECT_EQ(image->topic(Uuid{1, 7}), image->topic("orders"));
  EXPECT_EQ(image->topic("payments"), nullptr);
  EXPECT_EQ(image->topic(Uuid{1, 8}), nullptr);
}

TEST(MetadataImage, AChangeLeavesTheOldImageAsItWas) {
  const auto before = MetadataImage::create(two_brokers(), BrokerId{1}, {orders()});
  const auto after = before->without_topic("orders");
  EXPECT_NE(before->topic("orders"), nullptr);
  EXPECT_EQ(after->topic("orders"), nullptr);
  EXPECT_EQ(after->topic(Uuid{1, 7}), nullptr);
  EXPECT_EQ(after->brokers(), before->brokers());
}

TEST(MetadataImage, ATopicThatIsReplacedLosesItsOldId) {
  const auto image =
      MetadataImage::create(two_brokers(), BrokerId{1}, {orders()})->with_topic(orders(8));
  EXPECT_EQ(image->topic(Uuid{1, 7}), nullptr);
  EXPECT_NE(image->topic(Uuid{1, 8}), nullptr);
  EXPECT_EQ(image->topics().size(), 1u);
}

TEST(MetadataImage, PartitionsAreDealtOutInTurnWithOneReplicaEach) {
  const TopicImage topic = orders();
  ASSERT_EQ(topic.partitions.size(), 3u);
  EXPECT_EQ(topic.partitions[0].leader, BrokerId{1});
  EXPECT_EQ(topic.partitions[1].leader, BrokerId{2});
  EXPECT_EQ(topic.partitions[2].leader, BrokerId{1});
  EXPECT_EQ(topic.partitions[1].isr, std::vector{BrokerId{2}});
  EXPECT_EQ(topic.partition(3), nullptr);
  EXPECT_EQ(topic.partition(-1), nullptr);
}

TEST(TopicNames, FollowKafkasRule) {
  EXPECT_EQ(why_illegal_topic_name("a.b_c-D9"), nullptr);
  EXPECT_EQ(why_illegal_topic_name(std::string(249, 'x')), nullptr);
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string(250, 'x'),
        std::string("a/b"), std::string("a b"), std::string("a\0b", 3), std::string("ü")}) {
    EXPECT_NE(why_illegal_topic_name(bad), nullptr) << bad;
  }
  EXPECT_TRUE(topic_names_collide("a.b", "a_b"));
  EXPECT_FALSE(topic_names_collide("a.b", "a-b"));
}

TEST(TopicIds, DependOnTheRandomAloneAndAreNeverReserved) {
  Random a(5);
  Random b(5);
  const Uuid first = make_topic_id(a);
  EXPECT_EQ(first, make_topic_id(b));
  EXPECT_NE(first, make_topic_id(a));
  EXPECT_FALSE(first.is_zero());
  EXPECT_EQ(first.high >> 12 & 0xf, 4u);
}

TEST(MetadataFile, BringsBackWhatWasPrinted) {
  const auto image = MetadataImage::create(
      two_brokers(), BrokerId{1},
      {orders(), make_topic("a.b", Uuid{9, 9}, 1, {{BrokerId{4}, "b4", 1}}, {})});
  const std::string text = print_metadata("weir-cluster-00000000A", *image);
  const Checked<StoredMetadata> back = parse_metadata(text);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->cluster_id, "weir-cluster-00000000A");
  const auto again = MetadataImage::create(two_brokers(), BrokerId{1}, back->topics);
  EXPECT_EQ(print_metadata(back->cluster_id, *again), text);
  EXPECT_EQ(*again->topic("orders"), *image->topic("orders"));
}

TEST(MetadataFile, AMistakeNamesItsLine) {
  const auto parsed =
      parse_metadata("weir-metadata 1\ncluster weir-cluster-00000000A\nconfig retention.ms=1\n");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().text(),
            "metadata, line 3 = \"config retention.ms=1\": expected a topic");
}

TEST(BrokerConfigs, TheDefaultsAreValid) { EXPECT_TRUE(validate(BrokerConfig{})); }

TEST(BrokerConfigs, MistakesOfTopicsNameTheTopic) {
  BrokerConfig config;
  config.cluster_id = "short";
  TopicImage topic = orders();
  topic.configs = {{"flush.message", "1"}};
  config.image = MetadataImage::create(two_brokers(), BrokerId{1}, {topic});
  const auto checked = validate(config);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().text(),
            "cluster.id = \"short\": expected a UUID as 22 characters of URL-safe base64\n"
            "topic orders: flush.message = \"1\": expected the name of a topic setting; "
            "did you mean flush.messages?");
}

TEST(BrokerConfigs, ABrokerOutsideItsImageIsRefused) {
  BrokerConfig config;
  config.id = BrokerId{3};
  config.image = MetadataImage::create(two_brokers(), BrokerId{1});
  EXPECT_FALSE(validate(config));
}

}  // namespace
}  // namespace weir
