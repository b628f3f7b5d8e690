// Putting nodes together, and running the world until something is so.
#include "cluster_lab.h"

namespace weir::test {

LabNode::LabNode(Machine& machine, const BrokerConfig& config)
    : node_(machine, config, validate(config).value()) {
  Node& n = node_;
  const ClusterConfig& cluster = *n.config.cluster;
  n.metadata_log =
      std::make_unique<MetadataLog>(machine, metadata_log_options(n.config, n.settings));
  n.publisher = std::make_unique<MetadataPublisher>(machine, *n.metadata_log);
  n.snapshots = std::make_unique<SnapshotTaker>(machine, *n.metadata_log, *n.publisher,
                                                snapshot_policy(n.settings));
  if (cluster.is_controller) {
    const Endpoint& listen = cluster.controller_listen;
    n.controller = std::make_unique<ControllerNode>(machine, *n.metadata_log, *n.publisher,
                                                    controller_options(n.config, n.settings));
    n.registrar = std::make_unique<ControllerRegistrar>(
        machine, *n.metadata_log, *n.publisher, n.config.id,
        std::vector<ListenerImage>{{std::string(kControllerListener), listen.host, listen.port}});
    controllers_.emplace(n, listen, ListenerKind::controller);
  }
  if (cluster.is_broker) {
    n.channel =
        std::make_unique<ControllerChannel>(machine, *n.metadata_log, channel_options(n.settings));
    n.lifecycle =
        std::make_unique<BrokerLifecycle>(machine, *n.metadata_log, *n.publisher,
                                          lifecycle_options(n.config, n.settings, n.config.listen));
    n.auto_topics = std::make_unique<AutoTopics>(
        machine, *n.channel, static_cast<std::int32_t>(n.settings.num_partitions),
        static_cast<std::int16_t>(n.settings.default_replication_factor));
    n.id_blocks =
        std::make_unique<ControllerProducerIds>(machine, *n.channel, *n.lifecycle, n.config.id);
    n.producer_ids.take_blocks_from(*n.id_blocks);
    clients_.emplace(n, n.config.listen, ListenerKind::broker);
  }
}

Task<> LabNode::run() {
  Node& n = node_;
  const bool opened = co_await n.metadata_log->open();
  if (!opened) co_return;
  n.publisher->start();
  n.snapshots->start();
  if (controllers_) {
    static_cast<void>(controllers_->listen());
    n.controller->start();
    n.registrar->start();
  }
  if (!clients_) co_return;
  const bool registered = co_await n.lifecycle->start();
  if (!registered) co_return;
  static_cast<void>(clients_->listen());
  n.lifecycle->ready();
}

Task<> LabNode::stop() {
  Node& n = node_;
  if (clients_) {
    let_go_ = co_await n.lifecycle->shut_down();
    n.channel->stop();
    co_await clients_->stop();
    co_await n.lifecycle->stop();
    co_await n.auto_topics->join();
    co_await n.channel->join();
  }
  if (controllers_) {
    co_await n.registrar->stop();
    co_await n.controller->stop();
  }
  co_await n.snapshots->stop();
  co_await n.publisher->stop();
  co_await n.metadata_log->close();
  if (controllers_) {
    co_await controllers_->stop();
  }
  if (clients_) {
    co_await n.lifecycle->note_clean_stop();
  }
}

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
