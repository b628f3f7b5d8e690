// Translation of a scenario into nodes and their configurations.
#include "scenarios/cluster.h"

#include <algorithm>

#include "broker/node/broker.h"
#include "scenarios/delay.h"

namespace weir {
namespace {

constexpr std::uint16_t kBrokerPort = 9092;
constexpr std::uint16_t kControllerPort = 9093;
// Ids of controllers that are no brokers: k1 is 3001.
constexpr std::int32_t kFirstControllerId = 3000;

std::string broker_name(std::int64_t n) { return "b" + std::to_string(n); }
std::string controller_name(std::int64_t n) { return "k" + std::to_string(n); }

bool is_combined(const Scenario& scenario) { return scenario.cluster.controllers == 0; }

QuorumVoter voter(const Scenario& scenario, std::int64_t n) {
  const auto number = static_cast<std::int32_t>(n);
  if (is_combined(scenario)) return {BrokerId(number), {broker_name(n), kControllerPort}};
  return {BrokerId(kFirstControllerId + number), {controller_name(n), kControllerPort}};
}

ClusterConfig cluster_config(const Scenario& scenario) {
  ClusterConfig cluster;
  for (std::int64_t n = 1; n <= controller_count(scenario); ++n) {
    cluster.voters.push_back(voter(scenario, n));
  }
  return cluster;
}

std::string bootstrap_servers(const Scenario& scenario) {
  std::string servers;
  for (std::int64_t n = 1; n <= scenario.cluster.brokers; ++n) {
    if (n > 1) servers += ',';
    servers += broker_name(n) + ":" + std::to_string(kBrokerPort);
  }
  return servers;
}

OptionMap options_of(const Scenario& scenario, const std::string& client, const ConfigMap& config) {
  OptionMap options(config.begin(), config.end());
  options.emplace("bootstrap.servers", bootstrap_servers(scenario));
  options.emplace("client.id", client);
  return options;
}

std::shared_ptr<const MetadataImage> image_of(const Scenario& scenario) {
  std::vector<BrokerImage> brokers;
  for (std::int64_t n = 1; n <= scenario.cluster.brokers; ++n) {
    brokers.push_back({BrokerId(static_cast<std::int32_t>(n)), broker_name(n), kBrokerPort});
  }
  std::vector<TopicImage> topics;
  for (const TopicSpec& spec : scenario.topics) {
    Random ids = Random::keyed(scenario.seed, 0, "topic id", spec.name);
    topics.push_back(make_topic(spec.name, make_topic_id(ids),
                                static_cast<std::int32_t>(spec.partitions), brokers, spec.config));
  }
  return MetadataImage::create(brokers, BrokerId(1), std::move(topics));
}

}  // namespace

WorldOptions world_options(const Scenario& scenario, std::uint64_t branch) {
  WorldOptions options;
  options.seed = scenario.seed;
  options.branch = branch;
  options.limits.events_per_run = static_cast<std::uint64_t>(scenario.limits.events);
  options.limits.events_per_instant =
      static_cast<std::uint64_t>(scenario.limits.events_per_instant);
  options.network.latency = latency_of(scenario.network.latency);
  options.network.loss = scenario.network.loss;
  options.network.delays = scenario.network.delays;
  options.network.bytes_per_second = static_cast<std::uint64_t>(scenario.network.bytes_per_second);
  options.disk.read = latency_of(scenario.disk.read);
  options.disk.write = latency_of(scenario.disk.write);
  options.disk.sync = latency_of(scenario.disk.sync);
  options.disk.capacity_bytes = static_cast<std::uint64_t>(scenario.disk.capacity);
  options.service_time = scenario.service_time;
  options.buggify = scenario.buggify;
  options.buggify_points = scenario.buggify_points;
  return options;
}

BrokerConfig broker_config(const Scenario& scenario, std::int64_t n) {
  BrokerConfig config;
  config.id = BrokerId(static_cast<std::int32_t>(n));
  config.node_name = broker_name(n);
  config.listen = Endpoint{config.node_name, kBrokerPort};
  config.settings = scenario.cluster.config;
  if (!uses_quorum(scenario)) {
    config.image = image_of(scenario);
    return config;
  }
  config.cluster = cluster_config(scenario);
  if (is_combined(scenario) && n <= controller_count(scenario)) {
    config.cluster->is_controller = true;
    config.cluster->controller_listen = voter(scenario, n).address;
  }
  return config;
}

BrokerConfig controller_config(const Scenario& scenario, std::int64_t n) {
  const QuorumVoter self = voter(scenario, n);
  BrokerConfig config;
  config.id = self.id;
  config.node_name = self.address.host;
  config.settings = scenario.cluster.config;
  config.cluster = cluster_config(scenario);
  config.cluster->is_broker = false;
  config.cluster->is_controller = true;
  config.cluster->controller_listen = self.address;
  return config;
}

OptionMap options_of_producer(const Scenario& scenario, const ClientSpec& spec) {
  const auto* app = std::get_if<AppSpec>(&spec.role);
  return options_of(scenario, spec.id, app ? app->producer.value_or(ConfigMap{}) : spec.config);
}

OptionMap options_of_consumer(const Scenario& scenario, const ClientSpec& spec) {
  const auto* app = std::get_if<AppSpec>(&spec.role);
  return options_of(scenario, spec.id, app ? app->consumer.value_or(ConfigMap{}) : spec.config);
}

Cluster::Cluster(World& world, const Scenario& scenario, const RunInputs& inputs)
    : world_(world), scenario_(scenario) {
  for (std::int64_t n = 1; n <= scenario.cluster.brokers; ++n) {
    NodeOptions node;
    node.name = broker_name(n);
    node.launch = [config = broker_config(scenario, n)](Machine& machine) {
      return std::make_unique<Broker>(machine, config);
    };
    brokers_.push_back(world_.add_node(std::move(node)));
  }
  for (std::int64_t n = 1; n <= scenario.cluster.controllers; ++n) {
    NodeOptions node;
    node.name = controller_name(n);
    node.launch = [config = controller_config(scenario, n)](Machine& machine) {
      return std::make_unique<Broker>(machine, config);
    };
    controllers_.push_back(world_.add_node(std::move(node)));
  }
  for (const ClientSpec& spec : scenario_.clients) {
    const auto records = inputs.records.find(spec.id);
    MakeApp make = &make_producer_app;
    if (std::holds_alternative<ConsumerSpec>(spec.role)) make = &make_consumer_app;
    if (std::holds_alternative<AppSpec>(spec.role)) make = inputs.apps.at(spec.id);
    add_client(spec, records == inputs.records.end() ? nullptr : records->second.get(),
               std::move(make));
  }
}

void Cluster::add_client(const ClientSpec& spec, const RecordSource* records, MakeApp make) {
  ClientSlot& slot = slots_[spec.id];
  slot.recorder.identity = spec.id;
  NodeOptions node;
  node.name = spec.id;
  node.launch = [this, &spec, &slot, records, make = std::move(make)](Machine& machine) {
    ClientContext context{
        machine, spec, scenario_, slot, records, options_of_producer(scenario_, spec), begin_};
    return make_client_program(make(std::move(context)), machine);
  };
  clients_.push_back(world_.add_node(std::move(node)));
}

void Cluster::leave_out(const std::string& client, std::int64_t operation) {
  slots_[client].left_out.insert(operation);
}

void Cluster::start_servers() {
  for (const NodeId node : controllers_) world_.start(node);
  for (const NodeId node : brokers_) world_.start(node);
}

void Cluster::start_operator(const std::string& late_topic) {
  ClientSpec& spec = operators_.emplace_back();
  spec.id = late_topic.empty() ? kOperator : kOperator + ("-" + late_topic);
  add_client(spec, nullptr, &make_operator_app);
  world_.start(clients_.back());
  clients_.pop_back();  // it ends by itself
}

// Its patience is short: what cannot be done at once is not worth waiting for.
void Cluster::start_helper(const char* name, MakeApp make) {
  ClientSpec& spec = operators_.emplace_back();
  spec.id = name;
  spec.config = {{"request.timeout.ms", "100"},
                 {"default.api.timeout.ms", "150"},
                 {"retry.backoff.ms", "10"},
                 {"reconnect.backoff.ms", "10"},
                 {"reconnect.backoff.max.ms", "50"}};
  add_client(spec, nullptr, std::move(make));
  world_.start(clients_.back());
  clients_.pop_back();  // it ends by itself
}

bool Cluster::topics_ready() const {
  const auto slot = slots_.find(kOperator);
  return slot != slots_.end() && slot->second.finished;
}

void Cluster::start_clients(Instant begin) {
  begin_ = begin;
  for (const NodeId node : clients_) world_.start(node);
  const ClusterSpec& asked = scenario_.cluster;
  const bool moves =
      asked.leader_moves ? !asked.leader_moves->empty() : asked.move_leaders_every > Duration(0);
  if (uses_quorum(scenario_) && moves) start_helper(kMover, &make_mover_app);
  if (asked.ask_every > Duration(0)) start_helper(kObserver, &make_observer_app);
  for (const TopicSpec& spec : scenario_.topics) {
    if (spec.created_at == Duration(0)) continue;
    world_.at(begin + spec.created_at, [this, &spec] { start_operator(spec.name); });
  }
}

void Cluster::stop_clients() {
  for (const NodeId node : clients_) world_.stop(node);
}

bool Cluster::clients_down() const {
  return std::none_of(clients_.begin(), clients_.end(),
                      [this](NodeId node) { return world_.alive(node); });
}

void Cluster::start_drain() {
  drain_.id = kDrain;
  drain_.config["auto.offset.reset"] = "earliest";
  // Nothing is written any more: where a partition has no data, no data will come.
  drain_.config["fetch.max.wait.ms"] = "20";
  drain_.role = ConsumerSpec{};
  add_client(drain_, nullptr, &make_drain_app);
  world_.start(clients_.back());
}

bool Cluster::drained() const {
  const auto slot = slots_.find(kDrain);
  return slot != slots_.end() && slot->second.finished;
}

const std::vector<LeaderMove>& Cluster::leader_moves() const {
  static const std::vector<LeaderMove> kNone;
  const auto slot = slots_.find(kMover);
  return slot == slots_.end() ? kNone : slot->second.leader_moves;
}

bool Cluster::workload_finished() const {
  return std::all_of(scenario_.clients.begin(), scenario_.clients.end(), [this](const auto& spec) {
    return !std::holds_alternative<ProducerSpec>(spec.role) || slots_.at(spec.id).finished;
  });
}

}  // namespace weir
