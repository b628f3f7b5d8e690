// A cluster in a simulated world: controllers and brokers as they are shipped, and a client that
// asks any of them.
//
// Calls look synchronous: each runs the world until the answer is there.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/node/controller/auto_topics.h"
#include "broker/node/controller/broker_lifecycle.h"
#include "broker/node/controller/cluster_options.h"
#include "broker/node/controller/controller_node.h"
#include "broker/node/controller/controller_producer_ids.h"
#include "broker/node/controller/controller_registrar.h"
#include "broker/node/controller/snapshot_taker.h"
#include "broker/node/life.h"
#include "broker/node/node.h"
#include "broker/node/quorum/peers.h"
#include "sim/world.h"

namespace weir::test {

inline constexpr std::uint16_t kBrokerPort = 9092;
inline constexpr std::uint16_t kControllerPort = 9093;

struct ClusterFact {
  FactKind kind;
  std::string node;
  std::string topic;
  std::int32_t partition;
  std::int32_t epoch;
  std::int32_t sequence;
  std::int64_t old;
  std::int64_t value;
  std::string record;
  std::string why;
};

class LabNode final : public Program {
 public:
  LabNode(Machine& machine, const BrokerConfig& config)
      : life_(make_cluster_life(machine, config, validate(config).value())) {}
  Task<> run() override { return life_->start(); }
  Task<> stop() override { return life_->stop(); }
  [[nodiscard]] Node& node() { return life_->node(); }

 private:
  std::unique_ptr<NodeLife> life_;
};

// A life that writes one file.
class LabScribe final : public Program {
 public:
  LabScribe(Machine& machine, std::string path, std::string content)
      : machine_(machine), path_(std::move(path)), content_(std::move(content)) {}
  Task<> run() override;
  Task<> stop() override { co_return; }

 private:
  Machine& machine_;
  std::string path_;
  std::string content_;
};

class LabClient final : public Program {
 public:
  explicit LabClient(Machine& machine) : peers_(machine, "lab", std::chrono::seconds(30)) {}
  Task<> run() override { co_return; }
  Task<> stop() override { co_return; }
  [[nodiscard]] Peers& peers() { return peers_; }

 private:
  Peers peers_;
};

// Controllers c1, c2, ... have the ids 101, 102, ..., brokers b1, b2, ... 1, 2, ...
class ClusterLab : public FactReader {
 public:
  explicit ClusterLab(int controllers, int brokers, ConfigMap settings = {}, bool run = true);
  ~ClusterLab() override;

  [[nodiscard]] World& world() { return world_; }
  void run_for(Duration time);
  [[nodiscard]] NodeId id(const std::string& name) const { return world_.node(name); }
  // Null while it is down.
  [[nodiscard]] LabNode* lab_node(const std::string& name) { return nodes_[name]; }
  [[nodiscard]] Node& node(const std::string& name) { return nodes_.at(name)->node(); }
  // The name of the active controller; empty where there is none.
  [[nodiscard]] std::string active();
  [[nodiscard]] std::string another_controller_than(const std::string& name);
  void kill(const std::string& name);
  void start(const std::string& name) { world_.start(id(name)); }
  // What the next life of the node begins with.
  [[nodiscard]] BrokerConfig& config(const std::string& name) { return configs_[name]; }
  // While it is down: writes a file to its disk, durable.
  void write_file(const std::string& name, const std::string& path, const std::string& content);
  // Starts it, waits, and yields why it halted itself; empty where it did not.
  [[nodiscard]] std::string halt_of(const std::string& name);

  template <class Request>
  std::optional<typename Request::Response> try_ask(const std::string& name, std::uint16_t port,
                                                    const Request& request,
                                                    std::int16_t limit = INT16_MAX) {
    using Response = typename Request::Response;
    const auto answer = std::make_shared<std::optional<Result<Response>>>();
    world_.at(world_.now(), [&, answer] {
      client_machine_->tasks.spawn("ask", carry<Request>(name, port, request, limit, answer));
    });
    const Instant deadline = world_.now() + std::chrono::seconds(40);
    while (!*answer && world_.now() < deadline) run_for(std::chrono::milliseconds(5));
    if (!*answer || !**answer) return std::nullopt;
    return ***answer;
  }
  template <class Request>
  typename Request::Response ask_broker(const std::string& name, const Request& request,
                                        std::int16_t limit = INT16_MAX) {
    return expect(try_ask(name, kBrokerPort, request, limit), Request::kName);
  }
  template <class Request>
  typename Request::Response ask_controller(const std::string& name, const Request& request,
                                            std::int16_t limit = INT16_MAX) {
    return expect(try_ask(name, kControllerPort, request, limit), Request::kName);
  }
  // Raw bytes to a server, on a connection of their own; whatever comes back is not looked at.
  void throw_at(const std::string& name, std::uint16_t port, std::string bytes);
  ErrorCode create_topic(const std::string& broker, const std::string& topic,
                         std::int32_t partitions, std::int16_t replicas);

  void on(const Observed& observed) override;
  [[nodiscard]] std::vector<ClusterFact> facts(FactKind kind) const;

 private:
  template <class Request>
  Task<> carry(std::string name, std::uint16_t port, Request request, std::int16_t limit,
               std::shared_ptr<std::optional<Result<typename Request::Response>>> answer) {
    // A connection for each server and purpose: who waits holds nobody else up.
    const BrokerId key{static_cast<std::int32_t>(id(name).value()) * 10 +
                       (port == kBrokerPort ? 0 : 1)};
    // Named: GCC 12 loses an aggregate built in a statement that awaits.
    HostPort address{name, port};
    auto got = co_await client_->peers().ask(key, std::move(address), std::move(request), limit);
    *answer = std::move(got);
  }
  Task<> carry_bytes(std::string name, std::uint16_t port, std::string bytes);
  template <class Response>
  Response expect(std::optional<Response> answer, std::string_view name) {
    EXPECT_TRUE(answer.has_value()) << "no answer to " << name;
    return answer ? *answer : Response{};
  }
  void add_node(const std::string& name, const BrokerConfig& config);

  World world_;
  std::map<std::string, LabNode*> nodes_;
  std::map<std::string, BrokerConfig> configs_;
  std::map<std::string, std::pair<std::string, std::string>> to_write_;  // path and content
  LabClient* client_ = nullptr;
  Machine* client_machine_ = nullptr;
  std::vector<ClusterFact> facts_;
};

}  // namespace weir::test
