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

Task<> LabScribe::run() {
  Result<std::unique_ptr<File>> file = co_await machine_.disk.open(path_, OpenMode::create);
  const Slice bytes = Slice::copy_of(content_);
  Result<void> done = co_await (*file)->truncate(0);
  done = co_await (*file)->write_at(0, bytes);
  done = co_await (*file)->sync();
  EXPECT_TRUE(done.has_value()) << path_;
}

void ClusterLab::write_file(const std::string& name, const std::string& path,
                            const std::string& content) {
  to_write_[name] = {path, content};
  start(name);
  run_for(std::chrono::milliseconds(100));
  world_.kill(id(name));
}

std::string ClusterLab::halt_of(const std::string& name) {
  const std::size_t before = facts_.size();
  start(name);
  run_for(std::chrono::seconds(15));
  for (std::size_t i = before; i < facts_.size(); ++i) {
    const ClusterFact& fact = facts_[i];
    if (fact.kind == FactKind::node_failed && fact.node == name) return fact.why;
  }
  return {};
}

void ClusterLab::add_node(const std::string& name, const BrokerConfig& config) {
  nodes_[name] = nullptr;
  configs_[name] = config;
  NodeOptions options;
  options.name = name;
  options.launch = [this, name](Machine& machine) -> std::unique_ptr<Program> {
    nodes_[name] = nullptr;
    if (const auto write = to_write_.extract(name); !write.empty()) {
      const auto& [path, content] = write.mapped();
      return std::make_unique<LabScribe>(machine, path, content);
    }
    auto program = std::make_unique<LabNode>(machine, configs_[name]);
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

Task<> ClusterLab::carry_bytes(std::string name, std::uint16_t port, std::string bytes) {
  const Endpoint to{name, port};
  const Instant deadline = client_machine_->clock.now() + std::chrono::milliseconds(50);
  Result<std::unique_ptr<Stream>> stream = co_await client_machine_->network.connect(to, deadline);
  if (!stream) co_return;
  const std::vector<Slice> slices = {Slice::copy_of(bytes)};
  const Result<void> written = co_await (*stream)->write(slices);
  if (!written) co_return;
  const Result<Slice> answer = co_await (*stream)->read(deadline);
  static_cast<void>(answer);
  (*stream)->close();
}

void ClusterLab::throw_at(const std::string& name, std::uint16_t port, std::string bytes) {
  world_.at(world_.now(), [this, name, port, bytes = std::move(bytes)] {
    client_machine_->tasks.spawn("throw", carry_bytes(name, port, bytes));
  });
  run_for(std::chrono::milliseconds(60));
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
