// Laws of the broker's pure parts: the metadata file takes any bytes, and brings back what it kept.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "broker/node/metadata_file.h"

namespace weir {
namespace {

TEST(NodeMetadataLaws, AnyBytesAreReadOrRefused) {
  EXPECT_TRUE(rc::check([](const std::string& tail, bool with_head) {
    const std::string text = with_head ? "weir-metadata 1\n" + tail : tail;
    const auto parsed = parse_metadata(text);
    RC_ASSERT(parsed.has_value() || !parsed.error().text().empty());
  }));
}

TEST(NodeMetadataLaws, AnyImageIsKept) {
  EXPECT_TRUE(rc::check([](std::uint64_t key) {
    Random random(key);
    std::vector<BrokerImage> brokers;
    for (std::uint64_t b = 0; b <= random.below(4); ++b) {
      brokers.push_back({BrokerId{static_cast<std::int32_t>(b)}, "b", 1});
    }
    auto image = MetadataImage::create(brokers, BrokerId{0});
    for (std::uint64_t t = random.below(6); t > 0; --t) {
      TopicImage topic = make_topic("t" + std::to_string(random.below(1000)), make_topic_id(random),
                                    static_cast<std::int32_t>(random.below(5)), brokers, {});
      for (PartitionImage& p : topic.partitions) {
        p.leader_epoch = LeaderEpoch{static_cast<std::int32_t>(random.below(100))};
        p.isr.push_back(BrokerId{3});
      }
      if (random.chance({1, 2})) topic.configs["flush.messages"] = "1";
      image = image->with_topic(std::move(topic));
    }
    const auto back = parse_metadata(print_metadata("AAAAAAAAAAAAAAAAAAAAAA", *image));
    RC_ASSERT(back.has_value());
    const auto again = MetadataImage::create(brokers, BrokerId{0}, back->topics);
    RC_ASSERT(again->topics().size() == image->topics().size());
    for (const auto& [name, topic] : image->topics()) RC_ASSERT(*again->topic(name) == *topic);
  }));
}

}  // namespace
}  // namespace weir
