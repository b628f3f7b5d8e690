// A scenario's cluster on a world: brokers and clients as nodes, ready to start.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/node/broker_config.h"
#include "scenarios/app.h"
#include "sim/world.h"

namespace weir {

// The world's options that a scenario asks for.
[[nodiscard]] WorldOptions world_options(const Scenario&, std::uint64_t branch);

// The configuration of the n-th broker (from 1). One that stands alone begins with the scenario's
// topics, whose ids are drawn from the seed; in a cluster the operator creates them.
[[nodiscard]] BrokerConfig broker_config(const Scenario&, std::int64_t n);
// Of the n-th controller that is no broker.
[[nodiscard]] BrokerConfig controller_config(const Scenario&, std::int64_t n);

// A client's configuration by Kafka's names, with bootstrap.servers and client.id filled in; of an
// app, that of its producer or of its consumer.
[[nodiscard]] OptionMap options_of_producer(const Scenario&, const ClientSpec&);
[[nodiscard]] OptionMap options_of_consumer(const Scenario&, const ClientSpec&);

class Cluster {
 public:
  // The name of the client that reads everything at the end; no scenario may use it.
  static constexpr const char* kDrain = "drain";
  // The name of the client that creates the topics of a cluster.
  static constexpr const char* kOperator = "operator";
  // The name of the client that moves leaders.
  static constexpr const char* kMover = "mover";
  // The name of the client that asks about logs.
  static constexpr const char* kObserver = "observer";

  // Scenario and inputs outlive the cluster, the cluster outlives its use by the world's nodes.
  Cluster(World&, const Scenario&, const RunInputs&);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Before anything is started.
  void leave_out(const std::string& client, std::int64_t operation);
  // Brokers and controllers.
  void start_servers();
  // Adds and starts a client that creates the topics whose time has come.
  void start_operator(const std::string& late_topic = {});
  [[nodiscard]] bool topics_ready() const;
  // `begin` is the zero of the scenario's times.
  void start_clients(Instant begin);
  void stop_clients();
  [[nodiscard]] bool clients_down() const;
  // Adds and starts the client that reads everything.
  void start_drain();
  [[nodiscard]] bool drained() const;
  [[nodiscard]] const std::vector<NodeId>& brokers() const { return brokers_; }
  [[nodiscard]] bool workload_finished() const;
  // What the operator really did.
  [[nodiscard]] const std::vector<LeaderMove>& leader_moves() const;
  [[nodiscard]] const std::map<std::string, ClientSlot>& slots() const { return slots_; }

 private:
  void add_client(const ClientSpec&, const RecordSource*, MakeApp);
  void start_helper(const char* name, MakeApp make);

  World& world_;
  const Scenario& scenario_;
  std::vector<NodeId> brokers_;
  std::vector<NodeId> controllers_;  // those that are no brokers
  Instant begin_{};
  std::vector<NodeId> clients_;
  std::map<std::string, ClientSlot> slots_;  // stable addresses
  ClientSpec drain_;
  std::list<ClientSpec> operators_;
};

}  // namespace weir
