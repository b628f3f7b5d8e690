// Options: Kafka's names and defaults, its rules across options, and errors for people.
#include <gtest/gtest.h>

#include "broker/client/consumer_options.h"
#include "broker/client/producer_options.h"

namespace weir {
namespace {

OptionMap with(OptionMap extra) {
  extra.emplace("bootstrap.servers", "b1:9092");
  return extra;
}

std::string errors_of(const OptionMap& given) {
  const auto parsed = ProducerOptions::from(given);
  return parsed.has_error() ? parsed.error().text() : "";
}

TEST(ClientOptions, ProducerHasKafkasDefaults) {
  EXPECT_EQ(ProducerOptions::from(with({})).value().to_json(),
            R"({"bootstrap.servers":"b1:9092","client.id":"","request.timeout.ms":30000,)"
            R"("socket.connection.setup.timeout.ms":10000,"reconnect.backoff.ms":50,)"
            R"("reconnect.backoff.max.ms":1000,"retry.backoff.ms":100,"retry.backoff.max.ms":1000,)"
            R"("metadata.max.age.ms":300000,"metadata.recovery.strategy":"rebootstrap",)"
            R"("metadata.recovery.rebootstrap.trigger.ms":300000,)"
            R"("acks":"all","retries":2147483647,)"
            R"("enable.idempotence":true,"max.in.flight.requests.per.connection":5,)"
            R"("delivery.timeout.ms":120000,"linger.ms":5,"batch.size":16384,)"
            R"("buffer.memory":33554432,"max.block.ms":60000,"max.request.size":1048576,)"
            R"("compression.type":"none","partitioner.class":""})");
}

TEST(ClientOptions, ConsumerHasKafkasDefaults) {
  const ConsumerOptions o = ConsumerOptions::from(with({})).value();
  EXPECT_EQ(o.auto_offset_reset, AutoOffsetReset::latest);
  EXPECT_EQ(o.fetch_max_wait, std::chrono::milliseconds(500));
  EXPECT_EQ(o.max_poll_records, 500);
  EXPECT_EQ(o.fetch_max_bytes, 52428800);
  EXPECT_TRUE(o.check_crcs);
}

TEST(ClientOptions, ServersMayBeSeveralAndAnAddressOfSixBytesGroups) {
  const auto o = ProducerOptions::from({{"bootstrap.servers", "b1:9092, [::1]:9093"}});
  ASSERT_TRUE(o.has_value());
  EXPECT_EQ(o->connection.bootstrap_servers, (std::vector<HostPort>{{"b1", 9092}, {"::1", 9093}}));
}

TEST(ClientOptions, EveryMistakeNamesKeyValueAndExpectation) {
  const struct {
    OptionMap given;
    std::string text;
  } cases[] = {
      {{}, "bootstrap.servers = \"\": required: expected at least one host:port"},
      {{{"bootstrap.servers", "b1"}},
       "bootstrap.servers = \"b1\": expected host:port, or several of them separated by commas"},
      {with({{"linger.ms", "-1"}}),
       "linger.ms = \"-1\": expected a whole number of milliseconds from 0 to 2147483647"},
      {with({{"retries", "5x"}}), "retries = \"5x\": expected a whole number from 0 to 2147483647"},
      {with({{"acks", "2"}}), "acks = \"2\": expected all, -1, 0 or 1"},
      {with({{"compression.type", "lz5"}}),
       "compression.type = \"lz5\": expected none, gzip, snappy, lz4 or zstd; did you mean "
       "\"lz4\"?"},
      {with({{"linger.msec", "5"}}),
       "linger.msec = \"5\": unknown option; did you mean \"linger.ms\"?"},
      {with({{"transactional.id", "t"}}), "transactional.id = \"t\": not served yet: transactions"},
      {with({{"enable.idempotence", "yes"}}),
       "enable.idempotence = \"yes\": expected true or false"},
      {with({{"delivery.timeout.ms", "1000"}}),
       "delivery.timeout.ms = \"1000\": expected at least linger.ms + request.timeout.ms = 30005"},
  };
  for (const auto& c : cases) EXPECT_EQ(errors_of(c.given), c.text);
}

TEST(ClientOptions, AllMistakesAreReportedNotOnlyTheFirst) {
  const auto parsed = ProducerOptions::from(with({{"acks", "2"}, {"retries", "-1"}, {"zzz", ""}}));
  ASSERT_TRUE(parsed.has_error());
  EXPECT_EQ(parsed.error().errors.size(), 3u);
}

TEST(ClientOptions, IdempotenceYieldsToAnExplicitConflictAndRefusesItWhenAskedFor) {
  for (const auto& [key, value] :
       OptionMap{{"acks", "1"}, {"retries", "0"}, {"max.in.flight.requests.per.connection", "6"}}) {
    const auto silent = ProducerOptions::from(with({{key, value}}));
    ASSERT_TRUE(silent.has_value()) << key;
    EXPECT_FALSE(silent->idempotence) << key;
    const auto loud = ProducerOptions::from(with({{key, value}, {"enable.idempotence", "true"}}));
    ASSERT_TRUE(loud.has_error()) << key;
    EXPECT_EQ(loud.error().errors.front().key, key);
  }
  EXPECT_TRUE(ProducerOptions::from(with({{"acks", "all"}})).value().idempotence);
}

TEST(ClientOptions, AnAbsentDeliveryTimeoutGrowsWithLingerAndRequestTimeout) {
  const auto o = ProducerOptions::from(with({{"request.timeout.ms", "200000"}}));
  ASSERT_TRUE(o.has_value());
  EXPECT_EQ(o->delivery_timeout, std::chrono::milliseconds(200005));
}

TEST(ClientOptions, GroupOptionsAreRefusedWithTheReason) {
  const auto parsed = ConsumerOptions::from(with({{"group.id", "g"}}));
  ASSERT_TRUE(parsed.has_error());
  EXPECT_NE(parsed.error().text().find("group.id = \"g\": not served yet: consumer groups"),
            std::string::npos);
  EXPECT_TRUE(ConsumerOptions::from(with({{"enable.auto.commit", "false"}})).has_value());
}

}  // namespace
}  // namespace weir
