// Settings of brokers and topics: Kafka's names and defaults, and what is said about mistakes.
#include "broker/controller/settings.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir {
namespace {

TEST(Settings, DefaultsAreKafkas) {
  const BrokerSettings s = parse_broker_settings({}).value();
  EXPECT_EQ(s.topic.log.max_message_bytes, 1048588);
  EXPECT_EQ(s.topic.log.segment_bytes, 1073741824);
  EXPECT_EQ(s.topic.log.flush_messages, INT64_MAX);
  EXPECT_EQ(s.topic.log.retention_ms, 604800000);
  EXPECT_EQ(s.num_partitions, 1);
  EXPECT_EQ(s.socket_request_max_bytes, 104857600);
  EXPECT_EQ(s.connections_max_idle_ms, 600000);
  EXPECT_TRUE(s.auto_create_topics_enable);
}

TEST(Settings, ABrokerTakesTopicSettingsByBothNames) {
  EXPECT_EQ(parse_broker_settings({{"flush.messages", "1"}}).value().topic.log.flush_messages, 1);
  EXPECT_EQ(parse_broker_settings({{"log.flush.interval.messages", "1"}})
                .value()
                .topic.log.flush_messages,
            1);
}

TEST(Settings, ATopicDoesNotKnowTheBrokersNames) {
  const auto parsed = parse_topic_settings({}, {{"log.flush.interval.messages", "1"}});
  ASSERT_FALSE(parsed);
}

TEST(Settings, ATopicOverridesWhatItSetsAndNothingElse) {
  TopicSettings defaults;
  defaults.log.flush_messages = 7;
  const TopicSettings s =
      parse_topic_settings(defaults, {{"retention.ms", "-1"},
                                      {"message.timestamp.type", "LogAppendTime"},
                                      {"cleanup.policy", "compact,delete"}})
          .value();
  EXPECT_EQ(s.log.flush_messages, 7);
  EXPECT_EQ(s.log.retention_ms, -1);
  EXPECT_EQ(s.log.timestamp_type, TimestampType::log_append_time);
  EXPECT_TRUE(s.log.cleanup_policy.compact);
}

TEST(Settings, HoursAndMinutesYieldToMilliseconds) {
  EXPECT_EQ(parse_broker_settings({{"log.retention.hours", "2"}}).value().topic.log.retention_ms,
            7200000);
  EXPECT_EQ(parse_broker_settings({{"log.retention.hours", "2"}, {"log.retention.ms", "5"}})
                .value()
                .topic.log.retention_ms,
            5);
  EXPECT_EQ(parse_broker_settings({{"log.retention.hours", "-1"}}).value().topic.log.retention_ms,
            -1);
}

TEST(Settings, AMistakeNamesKeyValueAndExpectation) {
  const auto parsed = parse_broker_settings({{"num.partitions", "many"}});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().text(),
            "num.partitions = \"many\": expected a whole number from 1 to 100000");
}

TEST(Settings, AnUnknownNameSuggestsTheNearest) {
  const auto parsed = parse_broker_settings({{"num.partition", "3"}});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().text(),
            "num.partition = \"3\": expected the name of a broker setting; "
            "did you mean num.partitions?");
}

TEST(Settings, AllMistakesAreTold) {
  const auto parsed = parse_broker_settings(
      {{"auto.create.topics.enable", "yes"}, {"log.segment.bytes", "12"}, {"zzzzzzzzzz", ""}});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().errors.size(), 3u);
}

TEST(Settings, WhatIsNotServedIsRefusedWithTheReason) {
  const auto parsed = parse_topic_settings({}, {{"compression.type", "gzip"}});
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().text().find("only \"producer\" is served"), std::string::npos);
  EXPECT_TRUE(parse_topic_settings({}, {{"compression.type", "producer"}}));
}

TEST(Settings, NumbersEndWhereTheTextEnds) {
  for (const char* bad : {"", "1x", " 1", "1.0", "99999999999999999999", "-0x1"}) {
    EXPECT_FALSE(parse_topic_settings({}, {{"flush.messages", bad}})) << bad;
  }
}

TEST(Settings, SmallSegmentsNeedTheInternalName) {
  EXPECT_FALSE(parse_topic_settings({}, {{"segment.bytes", "1000"}}));
  EXPECT_EQ(
      parse_topic_settings({}, {{"internal.segment.bytes", "1000"}}).value().log.segment_bytes,
      1000);
}

TEST(Settings, NamesAreSortedAndUnique) {
  for (const auto& names : {broker_setting_names(), topic_setting_names()}) {
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    EXPECT_GT(names.size(), 20u);
  }
}

}  // namespace
}  // namespace weir
