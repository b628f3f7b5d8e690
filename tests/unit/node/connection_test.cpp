// Connections: order, pipelining, what ends them, and hostile frames.
#include "broker_world.h"

namespace weir::test {
namespace {

TEST(Connections, AnswersComeInTheOrderOfRequests) {
  BrokerWorld w;
  Line& line = w.connect();
  const auto first = w.ask(line, produce(0, make_batch({{"a"}})), 9);
  const auto second = w.ask(line, ApiVersionsRequest{}, 0);
  const auto third = w.ask(line, fetch(0, 0), 11);
  const auto fourth = w.ask(line, produce(0, make_batch({{"b"}})), 9);
  EXPECT_EQ(
      w.answer<ProduceRequest>(line, 9, first).responses[0].partition_responses[0].base_offset, 0);
  w.answer<ApiVersionsRequest>(line, 0, second);
  EXPECT_EQ(values_in(w.answer<FetchRequest>(line, 11, third).responses[0].partitions[0].records),
            (std::vector<std::string>{"a"}));
  EXPECT_EQ(
      w.answer<ProduceRequest>(line, 9, fourth).responses[0].partition_responses[0].base_offset, 1);
}

TEST(Connections, ALongPollHoldsBackWhatWasAskedAfterItOnItsConnectionOnly) {
  BrokerWorld w;
  Line& line = w.connect();
  FetchRequest poll = fetch(0, 0);
  poll.max_wait_ms = 5000;
  const auto first = w.ask(line, poll, 11);
  const auto second = w.ask(line, ApiVersionsRequest{}, 0);
  EXPECT_TRUE(w.receive(line, std::chrono::seconds(1)).empty());
  w.call(produce(0, make_batch({{"a"}})), 9);
  EXPECT_EQ(values_in(w.answer<FetchRequest>(line, 11, first).responses[0].partitions[0].records),
            (std::vector<std::string>{"a"}));
  w.answer<ApiVersionsRequest>(line, 0, second);
}

TEST(Connections, ApiVersionsOfAnUnknownVersionIsAnsweredInV0) {
  BrokerWorld w;
  Line& line = w.connect();
  Writer writer;
  begin_request(writer, {18, 99, 7, std::string("new")});
  w.send(line, finish_frame(std::move(writer)).value());
  const Slice frame = w.receive(line);
  ASSERT_FALSE(frame.empty());
  auto opened = open_response(Reader(frame), ApiKey::api_versions, 0);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->correlation_id, 7);
  const auto response = decode<ApiVersionsResponse>(opened->body, 0);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->error_code, code(ErrorCode::unsupported_version));
  ASSERT_EQ(response->api_keys.size(), 1u);
  EXPECT_EQ(response->api_keys[0].api_key, 18);
  EXPECT_EQ(response->api_keys[0].max_version, 4);
  w.answer<ApiVersionsRequest>(line, 0, w.ask(line, ApiVersionsRequest{}, 0));  // it lives on
}

struct Hostile {
  const char* name;
  std::string bytes;
};

std::string frame_of(std::string_view body) {
  std::string bytes(4, '\0');
  store_be32(reinterpret_cast<std::byte*>(bytes.data()), static_cast<std::uint32_t>(body.size()));
  return bytes.append(body);
}

TEST(Connections, HostileFramesEndTheirConnectionAndNothingElse) {
  const std::string header_v1("\x00\x00\x00\x09\x00\x00\x00\x01\xff\xff", 10);
  const Hostile all[] = {
      {"negative size", "\xff\xff\xff\xff"},
      {"oversized", std::string("\x7f\xff\xff\xff", 4)},
      {"no header", frame_of("")},
      {"half a header", frame_of(std::string("\x00\x12\x00", 3))},
      {"unknown API", frame_of(std::string("\x03\xe7\x00\x00\x00\x00\x00\x01\xff\xff", 10))},
      {"unserved API", frame_of(std::string("\x00\x0b\x00\x00\x00\x00\x00\x01\xff\xff", 10))},
      {"Produce v2", frame_of(std::string("\x00\x00\x00\x02\x00\x00\x00\x01\xff\xff", 10))},
      {"Fetch v3", frame_of(std::string("\x00\x01\x00\x03\x00\x00\x00\x01\xff\xff", 10))},
      {"Fetch v99", frame_of(std::string("\x00\x01\x00\x63\x00\x00\x00\x01\xff\xff\x00", 11))},
      {"truncated body", frame_of(header_v1)},
      {"lying array",
       frame_of(std::string("\x00\x03\x00\x01\x00\x00\x00\x01\xff\xff\x7f\xff\xff\xff", 14))},
      {"bytes after the body",
       frame_of(std::string("\x00\x12\x00\x00\x00\x00\x00\x01\xff\xffxx", 12))},
  };
  BrokerWorld w;
  Line& bystander = w.connect();
  for (const Hostile& hostile : all) {
    Line& line = w.connect();
    w.send_text(line, hostile.bytes);
    EXPECT_TRUE(w.ends(line)) << hostile.name;
    EXPECT_TRUE(line.received.empty()) << hostile.name;
    EXPECT_FALSE(w.facts(FactKind::connection_closed).back().why.empty()) << hostile.name;
  }
  w.answer<ApiVersionsRequest>(bystander, 0, w.ask(bystander, ApiVersionsRequest{}, 0));
}

TEST(Connections, AFrameMayArriveInPieces) {
  BrokerWorld w;
  Line& line = w.connect();
  const auto request = encode_request(ApiVersionsRequest{}, 0, 5, std::string("slow")).value();
  const std::string bytes(join(request).text());
  for (const char c : bytes) {
    w.send_text(line, std::string_view(&c, 1));
    w.run_for(std::chrono::milliseconds(1));
  }
  w.answer<ApiVersionsRequest>(line, 0, 5);
}

TEST(Connections, IdleOnesAreClosedAndBusyOnesAreNot) {
  BrokerConfig config = default_config();
  config.settings["connections.max.idle.ms"] = "1000";
  BrokerWorld w(config);
  Line& idle = w.connect();
  Line& polling = w.connect();
  FetchRequest poll = fetch(0, 0);
  poll.max_wait_ms = 20000;
  w.ask(polling, poll, 11);
  w.run_for(std::chrono::seconds(5));
  EXPECT_TRUE(idle.ended);
  EXPECT_FALSE(polling.ended);
  EXPECT_EQ(w.closed_because("idle for longer than connections.max.idle.ms"), 1);
}

TEST(Connections, ThereAreAtMostMaxConnections) {
  BrokerConfig config = default_config();
  config.settings["max.connections"] = "2";
  BrokerWorld w(config);
  Line& a = w.connect();
  Line& b = w.connect();
  Line& c = w.connect();
  EXPECT_TRUE(w.ends(c));
  EXPECT_FALSE(a.ended);
  w.close(a);
  w.run_for(std::chrono::milliseconds(10));
  Line& d = w.connect();
  w.answer<ApiVersionsRequest>(d, 0, w.ask(d, ApiVersionsRequest{}, 0));
  EXPECT_FALSE(b.ended);
}

TEST(Connections, ALongPollEndsWithItsConnection) {
  BrokerWorld w;
  Line& line = w.connect();
  FetchRequest poll = fetch(0, 0);
  poll.max_wait_ms = 2'000'000'000;
  w.ask(line, poll, 11);
  w.run_for(std::chrono::seconds(1));
  EXPECT_EQ(w.closed_because("closed by the peer"), 0);
  w.close(line);
  w.run_for(std::chrono::milliseconds(10));
  EXPECT_EQ(w.closed_because("closed by the peer"), 1);
}

TEST(Connections, StoppingAnswersLongPollsAndClosesTheRest) {
  BrokerWorld w;
  Line& line = w.connect();
  Line& other = w.connect();
  FetchRequest poll = fetch(0, 0);
  poll.max_wait_ms = 2'000'000'000;
  const auto id = w.ask(line, poll, 11);
  w.run_for(std::chrono::seconds(1));
  w.world().stop(w.broker());
  w.answer<FetchRequest>(line, 11, id);
  EXPECT_TRUE(w.ends(line));
  EXPECT_TRUE(w.ends(other));
  w.run_for(std::chrono::seconds(1));
  EXPECT_FALSE(w.world().alive(w.broker()));
}

TEST(Connections, AStopDoesNotWaitForeverForAClientThatDoesNotRead) {
  WorldOptions options;
  options.network.window_bytes = 1024;
  BrokerWorld w(default_config(), options);
  w.call(produce(0, make_batch({{std::string(100'000, 'x')}})), 9);
  Line& line = w.connect();
  w.ask(line, fetch(0, 0), 11);
  w.run_for(std::chrono::microseconds(100));
  w.world().pause(w.world().node("C1"));  // takes nothing from its streams any more
  w.run_for(std::chrono::seconds(1));
  w.world().stop(w.broker());
  w.run_for(std::chrono::seconds(2));
  EXPECT_TRUE(w.world().alive(w.broker()));
  w.run_for(std::chrono::seconds(10));
  EXPECT_FALSE(w.world().alive(w.broker()));
}

TEST(Connections, EveryRequestAndResponseIsAFact) {
  BrokerWorld w;
  Line& line = w.connect();
  const auto id = w.ask(line, produce(1, make_batch({{"a", "b"}})), 9);
  w.answer<ProduceRequest>(line, 9, id);
  const auto received = w.facts(FactKind::request_received);
  const auto sent = w.facts(FactKind::response_sent);
  ASSERT_EQ(received.size(), 1u);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(received[0].operation, id);
  EXPECT_EQ(received[0].peer, "test");
  EXPECT_NE(received[0].why.find("Produce v9"), std::string::npos);
  EXPECT_EQ(sent[0].operation, id);
  EXPECT_EQ(sent[0].why, "ProduceResponse v9 orders-1 offset 0");
}

}  // namespace
}  // namespace weir::test
