// Brokers of a scripted cluster: real wire, one log a partition that all of them share, and a test
// that moves leadership, cuts logs and takes brokers away.
//
// Replication is perfect and instant here; what is tested is how clients find their way. A broker
// that does not lead says so and names the leader (KIP-951). Requests are noted as "b2 Fetch".
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/base/id.h"
#include "broker/client/client_types.h"
#include "broker/ports/program.h"
#include "broker/ports/task_group.h"
#include "broker/wire/error_code.h"
#include "broker/wire/frame_reader.h"
#include "broker/wire/record_batch.h"
#include "broker/wire/request_header.h"
#include "sim/world.h"

namespace weir::test {

struct FakeBatch {
  BatchHeader header;  // as assigned
  Slice bytes;
};

struct FakePartition {
  std::int32_t leader = 1;
  std::int32_t epoch = 0;
  std::vector<FakeBatch> log = {};

  [[nodiscard]] Offset end() const {
    return log.empty() ? Offset{0} : log.back().header.next_offset();
  }
  // As a leader does: duplicates and gaps by producer id, epoch and sequence.
  ErrorCode append(const Slice& records, Offset& base);
  void cut(Offset from);
  // Where an epoch ends, as OffsetForLeaderEpoch tells it.
  [[nodiscard]] std::pair<std::int32_t, Offset> end_of(std::int32_t asked) const;
};

class FakeCluster {
 public:
  // Brokers b1 to b3 and the topic "t".
  explicit FakeCluster(World& world, std::int32_t partitions = 1);

  void elect(std::int32_t partition, std::int32_t leader);
  // Records without a producer, one a batch, in the present epoch.
  void fill(std::int32_t partition, int records);
  // Broker `id` is to be found in metadata, or is not.
  void list(std::int32_t id, bool listed);
  void note(std::int32_t id, const std::string& what) {
    heard.push_back("b" + std::to_string(id) + ' ' + what);
  }
  [[nodiscard]] std::size_t times(const std::string& what) const;

  World& world;
  std::vector<NodeId> nodes;  // by id, from 1; nodes[0] is none
  std::map<std::int32_t, FakePartition> partitions;
  std::vector<std::int32_t> listed = {1, 2, 3};
  // Who makes changes; kAnyBroker: each hands them on to a controller of its own.
  static constexpr std::int32_t kAnyBroker = 0;
  std::int32_t controller = 1;
  // What metadata says of the controller: it may be out of date.
  std::int32_t told_controller = 1;
  Uuid topic_id = {1, 1};
  std::vector<std::string> heard;
  // Called before a produce is looked at; an error is answered in its place.
  std::function<ErrorCode(std::int32_t broker, FakePartition&)> on_produce;
  // Called after an append, in place of success.
  std::function<ErrorCode(std::int32_t broker)> after_append;
};

class FakeBroker final : public Program {
 public:
  FakeBroker(Machine& machine, FakeCluster& cluster, std::int32_t id)
      : machine_(machine), cluster_(cluster), id_(id), tasks_(machine) {}
  Task<> run() override;
  Task<> stop() override { co_return; }

 private:
  struct Connection {
    std::unique_ptr<Stream> stream;
    std::unique_ptr<Alarm> pause;
    FrameReader frames;
  };
  Task<> serve(std::shared_ptr<Connection> connection);
  Task<> handle(Connection& connection, ReceivedRequest request);
  Task<> fetch(Connection& connection, ReceivedRequest request);

  // The answer as a frame.
  [[nodiscard]] std::vector<Slice> answer(const ReceivedRequest& request);
  [[nodiscard]] std::vector<Slice> produce(const ReceivedRequest& request);
  [[nodiscard]] std::vector<Slice> metadata(const ReceivedRequest& request);
  [[nodiscard]] std::vector<Slice> list_offsets(const ReceivedRequest& request);
  [[nodiscard]] std::vector<Slice> end_offsets(const ReceivedRequest& request);
  [[nodiscard]] std::vector<Slice> versions(const ReceivedRequest& request);
  // Of administrators: fake_admin.cpp. Empty where the API is none of theirs.
  [[nodiscard]] std::vector<Slice> administer(const ReceivedRequest& request);
  // NONE where this broker leads in that epoch (-1: whatever it is).
  [[nodiscard]] ErrorCode check(const FakePartition& p, std::int32_t epoch) const;

  Machine& machine_;
  FakeCluster& cluster_;
  const std::int32_t id_;
  TaskGroup tasks_;
  std::unique_ptr<Listener> listener_;
};

// Request and response of one API, decoded and encoded.
template <class Request>
Request read(const ReceivedRequest& received) {
  return decode<Request>(received.body, received.header.api_version).value();
}
template <class Response>
std::vector<Slice> write(const ReceivedRequest& to, const Response& response) {
  return encode_response(response, to.header.api_version, to.header.correlation_id).value();
}

}  // namespace weir::test
