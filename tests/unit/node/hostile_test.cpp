// Whatever arrives: the broker answers or closes that connection, and serves all others as before.
// And whenever a machine fails while topics change, it finds its way back.
#include <rapidcheck.h>

#include "broker_world.h"

namespace weir::test {
namespace {

// A valid request of any kind, as one text.
std::string any_request(Random& random) {
  std::vector<Slice> bytes;
  switch (random.below(6)) {
    case 0:
      bytes = encode_request(produce(0, make_batch({{"a", "b"}})), 9, 1, std::string("x")).value();
      break;
    case 1: bytes = encode_request(fetch(0, 0), 12, 2, std::string("x")).value(); break;
    case 2: bytes = encode_request(list_offsets(0, -1), 6, 3, std::string("x")).value(); break;
    case 3: bytes = encode_request(MetadataRequest{}, 9, 4, std::string("x")).value(); break;
    case 4:
      bytes = encode_request(DeleteTopicsRequest{.topic_names = {"nothing"}}, 5, 5, std::nullopt)
                  .value();
      break;
    default: bytes = encode_request(FindCoordinatorRequest{}, 3, 6, std::nullopt).value(); break;
  }
  return std::string(join(bytes).text());
}

std::string damage_bytes(std::string bytes, Random& random) {
  for (std::uint64_t n = 1 + random.below(4); n > 0 && !bytes.empty(); --n) {
    const std::size_t at = random.below(bytes.size());
    switch (random.below(4)) {
      case 0: bytes[at] = static_cast<char>(random.below(256)); break;
      case 1: bytes.resize(at); break;
      case 2: bytes.insert(at, 1 + random.below(8), static_cast<char>(random.below(256))); break;
      default: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8))); break;
    }
  }
  return bytes;
}

TEST(HostileBytes, NeverHarmAnybodyElse) {
  EXPECT_TRUE(rc::check([](std::uint64_t key) {
    Random random(key);
    BrokerConfig config = default_config();
    config.settings["auto.create.topics.enable"] = "false";
    BrokerWorld w(config);
    Line& bystander = w.connect();
    for (int i = 0; i < 20; ++i) {
      Line& line = w.connect();
      w.send_text(line, damage_bytes(any_request(random), random));
      w.run_for(std::chrono::milliseconds(5));
      w.close(line);
    }
    w.run_for(std::chrono::seconds(1));
    RC_ASSERT(!w.world().failed(w.broker()));
    RC_ASSERT(w.world().alive(w.broker()));
    const auto id = w.ask(bystander, produce(1, make_batch({{"mine"}})), 9);
    const auto answer = w.answer<ProduceRequest>(bystander, 9, id);
    RC_ASSERT(answer.responses.at(0).partition_responses.at(0).error_code == 0);
  }));
}

CreateTopicsRequest create_t() {
  CreateTopicsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = 2;
  topic.replication_factor = 1;
  return request;
}

bool t_exists(BrokerWorld& w) {
  MetadataRequest ask;
  ask.topics.emplace();
  ask.topics->push_back({{}, "t"});
  ask.allow_auto_topic_creation = false;
  return w.call(ask, 9).topics.at(0).error_code == 0;
}

// After whatever happened: the topic is there as a whole or not at all, and can be made and used.
void expect_sound(BrokerWorld& w, std::uint64_t step) {
  ASSERT_TRUE(w.world().alive(w.broker())) << step;
  if (!t_exists(w)) {
    EXPECT_EQ(w.call(create_t(), 5).topics.at(0).error_code, 0) << step;
  }
  for (const std::int32_t p : {0, 1}) {
    const auto answer = w.call(produce(p, make_batch({{"x"}}), -1, "t"), 9);
    EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code, 0) << step;
    EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).base_offset, 0) << step;
  }
}

TEST(TopicChanges, SurviveAnErrorOfEveryDiskOperation) {
  for (std::uint64_t nth = 1; nth <= 60; ++nth) {
    BrokerWorld w;
    Line& line = w.connect();
    w.world().disk(w.broker()).fail({.nth = nth});
    w.ask(line, create_t(), 5);
    w.run_for(std::chrono::milliseconds(200));
    w.ask(line, DeleteTopicsRequest{.topic_names = {"t"}}, 5);
    w.run_for(std::chrono::milliseconds(200));
    w.world().disk(w.broker()).clear_faults();
    EXPECT_FALSE(w.world().failed(w.broker())) << nth;
    w.restart_after_kill();
    expect_sound(w, nth);
  }
}

TEST(TopicChanges, SurviveAPowerLossAtAnyMoment) {
  for (std::uint64_t step = 0; step < 60; ++step) {
    WorldOptions options;
    options.seed = step;
    BrokerWorld w(default_config(), options);
    const bool deletes = step % 2 == 1;
    if (deletes) {
      ASSERT_EQ(w.call(create_t(), 5).topics.at(0).error_code, 0);
      w.call(produce(0, make_batch({{"old"}}), -1, "t"), 9);
      w.call(DeleteTopicsRequest{.topic_names = {"nothing"}}, 5);
    }
    Line& line = w.connect();
    if (deletes) {
      w.ask(line, DeleteTopicsRequest{.topic_names = {"t"}}, 5);
    } else {
      w.ask(line, create_t(), 5);
    }
    w.run_for(std::chrono::microseconds(600 + 250 * step));
    w.restart_after_power_loss();
    ASSERT_TRUE(w.world().alive(w.broker())) << step;
    if (deletes && t_exists(w)) {  // the old topic is whole still; end it as a client would
      EXPECT_EQ(w.call(DeleteTopicsRequest{.topic_names = {"t"}}, 5).responses.at(0).error_code, 0);
    }
    expect_sound(w, step);
  }
}

}  // namespace
}  // namespace weir::test
