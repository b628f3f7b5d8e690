// Version negotiation with a broker that is older than this client: ApiVersions falls back, and
// every request then goes out in the highest version that both know.
#include <gtest/gtest.h>

#include "broker/client/shell/producer.h"
#include "broker/wire/error_code.h"
#include "broker/wire/frame_reader.h"
#include "broker/wire/messages/api_versions.h"
#include "broker/wire/messages/metadata.h"
#include "broker/wire/request_header.h"
#include "sim/world.h"

namespace weir {
namespace {

// What the test learns of the requests.
struct Heard {
  std::vector<std::string> requests;  // "Metadata v4"
};

// Knows ApiVersions 0 to 2 and Metadata 0 to 4, and nothing else.
class OldBroker final : public Program {
 public:
  OldBroker(Machine& machine, Heard& heard) : machine_(machine), heard_(heard) {}

  Task<> run() override {
    const Endpoint here{"b1", 9092};
    auto listening = machine_.network.listen(here);
    listener_ = std::move(*listening);
    Result<std::unique_ptr<Stream>> accepted = co_await listener_->accept();
    stream_ = std::move(*accepted);
    for (;;) {
      Result<Slice> bytes = co_await stream_->read();
      if (!bytes) break;
      frames_.feed(std::move(*bytes));
      for (auto frame = frames_.next(); frame && *frame; frame = frames_.next()) {
        const std::vector<Slice> answer = answer_to(std::move(**frame));
        Result<void> written = co_await stream_->write(answer);
        if (!written) co_return;
      }
    }
  }
  Task<> stop() override { co_return; }

 private:
  std::vector<Slice> answer_to(Reader frame) {
    const ReceivedRequest request = open_request(std::move(frame)).value();
    const RequestHeader& h = request.header;
    heard_.requests.push_back(std::string(h.api()->name) + " v" + std::to_string(h.api_version));
    if (h.is(ApiKey::api_versions)) {
      ApiVersionsResponse response;
      const bool known = h.api_version <= 2;
      response.error_code = code_of(known ? ErrorCode::none : ErrorCode::unsupported_version);
      response.api_keys = {{18, 0, 2}};
      if (known) response.api_keys.push_back({3, 0, 4});
      return encode_response(response, 0, h.correlation_id).value();
    }
    MetadataResponse response;
    response.brokers = {{1, "b1", 9092, {}}};
    return encode_response(response, h.api_version, h.correlation_id).value();
  }

  Machine& machine_;
  Heard& heard_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Stream> stream_;
  FrameReader frames_;
};

class Asker final : public Program {
 public:
  explicit Asker(Machine& machine)
      : producer_(machine, ProducerOptions::from({{"bootstrap.servers", "b1:9092"}}).value()) {}
  Task<> run() override {
    co_await producer_.start();
    ProducerRecord record;
    record.topic = "t";
    co_await producer_.send(std::move(record), [](const SendResult&) {});
  }
  Task<> stop() override { co_return; }

 private:
  Producer producer_;
};

TEST(OldBroker, IsSpokenToInItsOwnVersions) {
  Heard heard;
  World world(WorldOptions{});
  NodeOptions broker;
  broker.name = "b1";
  broker.launch = [&](Machine& m) { return std::make_unique<OldBroker>(m, heard); };
  world.start(world.add_node(std::move(broker)));
  NodeOptions client;
  client.name = "P1";
  client.launch = [](Machine& m) { return std::make_unique<Asker>(m); };
  world.start(world.add_node(std::move(client)));
  world.run_until(Instant{50'000'000});
  ASSERT_GE(heard.requests.size(), 3u);
  EXPECT_EQ(heard.requests[0], "ApiVersions v4");
  EXPECT_EQ(heard.requests[1], "ApiVersions v0");
  EXPECT_EQ(heard.requests[2], "Metadata v4");
}

}  // namespace
}  // namespace weir
