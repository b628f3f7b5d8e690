// A broker in a simulated world, and a raw client that speaks frames to it: for tests that see what
// is on the wire.
//
// Calls look synchronous: each runs the world until the answer is there.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "broker/node/broker.h"
#include "broker/wire/error_code.h"
#include "broker/wire/frame_reader.h"
#include "broker/wire/messages/api_versions.h"
#include "broker/wire/messages/create_topics.h"
#include "broker/wire/messages/delete_topics.h"
#include "broker/wire/messages/fetch.h"
#include "broker/wire/messages/find_coordinator.h"
#include "broker/wire/messages/init_producer_id.h"
#include "broker/wire/messages/list_offsets.h"
#include "broker/wire/messages/metadata.h"
#include "broker/wire/messages/produce.h"
#include "broker/wire/records.h"
#include "broker/wire/request_header.h"
#include "sim/world.h"

namespace weir::test {

// One connection of the raw client.
struct Line {
  std::unique_ptr<Stream> stream;
  std::unique_ptr<Alarm> outgoing;
  std::deque<std::vector<Slice>> to_send;
  FrameReader frames;
  std::deque<Slice> received;
  bool closing = false;
  bool ended = false;
};

class RawClient final : public Program {
 public:
  explicit RawClient(Machine& machine) : machine_(machine) {}
  Task<> run() override;
  Task<> stop() override;
  Line& open(const Endpoint& to);

 private:
  Task<> converse(Line& line, Endpoint to);
  Task<> listen(Line& line);

  Machine& machine_;
  std::vector<std::unique_ptr<Line>> lines_;
};

struct SeenFact {
  FactKind kind;
  std::string topic;
  std::int32_t partition;
  std::int64_t old;
  std::int64_t value;
  std::int64_t operation;
  std::string peer;
  std::string why;
};

// Topic "orders" with two partitions, and "elsewhere" which another broker leads.
[[nodiscard]] BrokerConfig default_config();

class BrokerWorld : public FactReader {
 public:
  explicit BrokerWorld(BrokerConfig config = default_config(), WorldOptions options = {});
  ~BrokerWorld() override;

  [[nodiscard]] World& world() { return world_; }
  [[nodiscard]] NodeId broker() const { return broker_; }
  void run_for(Duration);
  void restart_after_kill();
  void restart_after_power_loss();
  void restart_after_stop();

  [[nodiscard]] Line& connect();
  void send(Line& line, std::vector<Slice> bytes);
  void send_text(Line& line, std::string_view bytes);
  void close(Line& line);
  // The next frame without its size; empty where none came in that time.
  [[nodiscard]] Slice receive(Line& line, Duration patience = std::chrono::seconds(30));
  // Whether the broker ends the connection.
  [[nodiscard]] bool ends(Line& line, Duration patience = std::chrono::seconds(30));

  template <class Request>
  std::int32_t ask(Line& line, const Request& request, std::int16_t version) {
    const std::int32_t id = ++correlation_;
    send(line, encode_request(request, version, id, std::string("test")).value());
    return id;
  }
  template <class Request>
  typename Request::Response answer(Line& line, std::int16_t version, std::int32_t id) {
    using Response = typename Request::Response;
    const Slice frame = receive(line);
    EXPECT_FALSE(frame.empty()) << "no answer to " << Request::kName << " v" << version;
    if (frame.empty()) return Response{};
    auto opened = open_response(Reader(frame), Request::kApi, version);
    EXPECT_TRUE(opened.has_value());
    EXPECT_EQ(opened->correlation_id, id);
    std::string why;
    auto response = decode<Response>(std::move(opened->body), version, &why);
    EXPECT_TRUE(response.has_value()) << why;
    return response ? *response : Response{};
  }
  // Asks on a connection that is kept for this, and waits for the answer.
  template <class Request>
  typename Request::Response call(const Request& request, std::int16_t version) {
    if (calls_ == nullptr) calls_ = &connect();
    const std::int32_t id = ask(*calls_, request, version);
    return answer<Request>(*calls_, version, id);
  }

  void on(const Observed& observed) override;
  [[nodiscard]] std::vector<SeenFact> facts(FactKind kind) const;
  // How many connections the broker says to have closed for that reason.
  [[nodiscard]] int closed_because(std::string_view why) const;

 private:
  void start_client();

  World world_;
  NodeId broker_;
  NodeId client_node_;
  RawClient* client_ = nullptr;
  Line* calls_ = nullptr;
  std::int32_t correlation_ = 100;
  std::vector<SeenFact> facts_;
};

// Batches, requests and shortcuts.
struct BatchPlan {
  std::vector<std::string> values;
  BatchOptions options = {};
  std::int64_t timestamp = 1'704'067'200'000;  // of the first record; each further one a ms later
};
[[nodiscard]] Slice make_batch(const BatchPlan& plan);
[[nodiscard]] ProduceRequest produce(std::int32_t partition, Slice records, std::int16_t acks = -1,
                                     std::string topic = "orders");
[[nodiscard]] FetchRequest fetch(std::int32_t partition, std::int64_t offset,
                                 std::string topic = "orders");
[[nodiscard]] ListOffsetsRequest list_offsets(std::int32_t partition, std::int64_t timestamp);
// The values of all records in the batches.
[[nodiscard]] std::vector<std::string> values_in(const Slice& batches);
[[nodiscard]] std::int16_t code(ErrorCode);

}  // namespace weir::test
