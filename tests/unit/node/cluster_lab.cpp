// Nodes with their configs, and running the world until something is so.
#include "cluster_lab.h"

namespace weir::test {

ClusterLab::ClusterLab(int controllers, int brokers, ConfigMap settings, bool run)
    : world_(WorldOptions{}) {
  world_.add_reader(*this);
  ClusterConfig cluster;
  for (int i = 1; i <= controllers; ++i) {
    cluster.voters.push_back({BrokerId{100 + i}, {"c" + std::to_string(i), kControllerPort}});
  }
  for (int i = 1; i <= controllers; ++i) {
    BrokerConfig config;
    config.id = BrokerId{100 + i};
    config.node_name = "c" + std::to_string(i);
    config.settings = settings;
    config.cluster = cluster;
    config.cluster->is_broker = false;
    config.cluster->is_controller = true;
    config.cluster->controller_listen = {config.node_name, kControllerPort};
    add_node(config.node_name, config);
  }
  for (int i = 1; i <= brokers; ++i) {
    BrokerConfig config;
    config.id = BrokerId{i};
    config.node_name = "b" + std::to_string(i);
    config.listen = {config.node_name, kBrokerPort};
    config.settings = settings;
    config.cluster = cluster;
    add_node(config.node_name, config);
  }
  NodeOptions client;
  client.name = "C1";
  client.launch = [this](Machine& machine) -> std::unique_ptr<Program> {
    auto program = std::make_unique<LabClient>(machine);
    client_ = program.get();
    client_machine_ = &machine;
    return program;
  };
  world_.start(world_.add_node(std::move(client)));
  if (!run) return;
  for (const auto& [name, node] : nodes_) start(name);
  run_for(std::chrono::seconds(10));
}

ClusterLab::~ClusterLab() = default;

void ClusterLab::add_node(const std::string& name, const BrokerConfig& config) {
  nodes_[name] = nullptr;
  NodeOptions options;
  options.name = name;
  options.launch = [this, name, config](Machine& machine) -> std::unique_ptr<Program> {
    auto program = std::make_unique<LabNode>(machine, config);
    nodes_[name] = program.get();
    return program;
  };
  world_.add_node(std::move(options));
}

void ClusterLab::run_for(Duration time) {
  const RunEnd end = world_.run_until(world_.now() + time);
  ASSERT_NE(end.why, RunEnd::Why::limit) << end.text;
}

void ClusterLab::kill(const std::string& name) {
  world_.kill(id(name));
  nodes_[name] = nullptr;
}

std::string ClusterLab::active() {
  std::string found;
  LeaderEpoch newest = kNoLeaderEpoch;
  for (const auto& [name, lab] : nodes_) {
    if (lab == nullptr || !world_.alive(id(name)) || lab->node().controller == nullptr) continue;
    const Controller& controller = lab->node().controller->controller();
    if (!controller.active() || controller.epoch() <= newest) continue;
    newest = controller.epoch();
    found = name;
  }
  return found;
}

std::string ClusterLab::another_controller_than(const std::string& name) {
  for (const auto& [other, lab] : nodes_) {
    if (other != name && lab != nullptr && lab->node().controller != nullptr) return other;
  }
  return {};
}

ErrorCode ClusterLab::create_topic(const std::string& broker, const std::string& topic,
                                   std::int32_t partitions, std::int16_t replicas) {
  CreateTopicsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = topic;
  asked.num_partitions = partitions;
  asked.replication_factor = replicas;
  const auto answer = ask_broker(broker, request);
  if (answer.topics.size() != 1) return ErrorCode::unknown_server_error;
  return error_code_of(answer.topics[0].error_code);
}

void ClusterLab::on(const Observed& observed) {
  const Fact& f = observed.fact;
  facts_.push_back({f.kind, std::string(observed.node_name), std::string(f.topic), f.partition,
                    f.epoch, f.sequence, f.old, f.value, std::string(f.record),
                    std::string(f.why)});
}

std::vector<ClusterFact> ClusterLab::facts(FactKind kind) const {
  std::vector<ClusterFact> found;
  for (const ClusterFact& fact : facts_) {
    if (fact.kind == kind) found.push_back(fact);
  }
  return found;
}

}  // namespace weir::test
