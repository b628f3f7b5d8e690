// weir serve: the same broker on real TCP and real files, for any Kafka client.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>

#include "broker/base/text.h"
#include "broker/client/shell/waiting_line.h"
#include "broker/node/broker.h"
#include "broker/node/metadata_file.h"
#include "broker/real/real_machine.h"
#include "broker/storage/directory_identity.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/node_file.h"

namespace weir::cli {
namespace {

constexpr int kMaxServedBrokers = 50;
constexpr int kMaxPort = 65535;

struct ServeOptions {
  std::string listen = "127.0.0.1:9092";
  std::string advertise;
  std::string data;
  std::string node;
  int brokers = 1;
  std::vector<std::string> config;
};

struct Served {
  BrokerConfig config;
  std::string data;
};

std::string text_of(const Endpoint& where, std::uint16_t port) {
  return where.host + ':' + std::to_string(port);
}

// Says on stdout which node serves where, and when all do, how to connect.
class Announcer {
 public:
  explicit Announcer(std::size_t nodes) : missing_(nodes) {}

  void serves(const BrokerConfig& config, std::uint16_t port) {
    const bool is_broker = !config.cluster || config.cluster->is_broker;
    const Endpoint& where = is_broker ? config.listen : config.cluster->controller_listen;
    if (config.cluster) {
      std::printf("%s (%s) ", config.node_name.c_str(), roles(*config.cluster));
    }
    std::printf("serving on %s\n", text_of(where, port).c_str());
    if (is_broker) {
      const Endpoint& told = config.advertised.host.empty() ? where : config.advertised;
      bootstrap_[config.id] = text_of(told, told.port != 0 ? told.port : port);
    }
    if (--missing_ == 0 && !bootstrap_.empty()) say_how_to_connect();
    std::fflush(stdout);
  }

 private:
  static const char* roles(const ClusterConfig& cluster) {
    if (!cluster.is_controller) return "broker";
    return cluster.is_broker ? "broker and controller" : "controller";
  }

  void say_how_to_connect() const {
    std::string all;
    for (const auto& [id, address] : bootstrap_) all += (all.empty() ? "" : ",") + address;
    std::printf("connect with kcat -b %s -L\n", all.c_str());
  }

  std::size_t missing_;
  std::map<BrokerId, std::string> bootstrap_;
};

// The nodes of this process leave their cluster together, before the first of them stops.
class Farewell {
 public:
  explicit Farewell(std::size_t nodes) : missing_(nodes) {}

  Task<> wait_for_all(Timers& timers) {
    --missing_;
    line_.notify_all();
    const WaitingLine::Place place = line_.join(timers);
    while (missing_ > 0) {
      co_await place->wait_until(Instant::never());
    }
    line_.leave(place);
  }

 private:
  std::size_t missing_;
  WaitingLine line_;
};

class ServedNode final : public Program {
 public:
  ServedNode(Machine& machine, const BrokerConfig& config, Announcer& announcer, Farewell& farewell)
      : machine_(machine),
        config_(config),
        broker_(machine, config),
        announcer_(announcer),
        farewell_(farewell) {}

  Task<> run() override {
    co_await broker_.run();
    if (broker_.port() != 0) announcer_.serves(config_, broker_.port());
  }
  Task<> stop() override {
    co_await broker_.leave();
    co_await farewell_.wait_for_all(machine_.timers);
    co_await broker_.stop();
  }

 private:
  Machine& machine_;
  const BrokerConfig& config_;
  Broker broker_;
  Announcer& announcer_;
  Farewell& farewell_;
};

// "host:port"; complains and yields false where it is not.
bool parse_endpoint(const std::string& option, const std::string& text, Endpoint& out) {
  const auto parsed = parse_host_port(text);
  if (!parsed) {
    complain(option + " " + text + ": expected host:port, such as 127.0.0.1:9092");
    return false;
  }
  out = *parsed;
  return true;
}

bool read_settings(const std::vector<std::string>& settings, ConfigMap& out) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      complain("--config " + setting + ": expected name=value, such as log.segment.bytes=1048576");
      return false;
    }
    out[setting.substr(0, equals)] = setting.substr(equals + 1);
  }
  return true;
}

// A directory that a broker on its own keeps is not one of a cluster's node, nor the other way
// round: what lies there would be invisible, and is refused instead.
bool is_ours(const Served& node) {
  const std::filesystem::path data = node.data;
  std::error_code none;
  const bool of_cluster = std::filesystem::exists(data / kMetaPropertiesName, none);
  const bool of_one = std::filesystem::exists(data / kTopicListFileName, none);
  if (node.config.cluster && of_one) {
    complain("data directory " + node.data + ": belongs to a broker that stands alone");
    return false;
  }
  if (!node.config.cluster && of_cluster) {
    complain("data directory " + node.data + ": belongs to a node of a cluster");
    return false;
  }
  return true;
}

// Runs the nodes in this one process until they have stopped.
int run_nodes(const std::vector<Served>& nodes) {
  RealLoop loop;
  Announcer announcer(nodes.size());
  Farewell farewell(nodes.size());
  std::vector<std::unique_ptr<RealMachine>> machines;
  for (const Served& node : nodes) {
    if (!is_ours(node)) return kExitUsage;
    RealMachine::Opened machine = RealMachine::open(loop, {node.config.node_name, node.data});
    if (!machine) {
      complain(machine.error());
      return kExitUsage;
    }
    machines.push_back(std::move(*machine));
  }
  loop.stop_on_signals();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const BrokerConfig& config = nodes[i].config;
    machines[i]->start([&config, &announcer, &farewell](Machine& ports) {
      return std::make_unique<ServedNode>(ports, config, announcer, farewell);
    });
  }
  return loop.run();
}

bool is_valid(const BrokerConfig& config) {
  const auto settings = validate(config);
  if (!settings) complain(settings.error().text());
  return settings.has_value();
}

int serve_node(const ServeOptions& options) {
  std::error_code none;
  std::ifstream file(options.node, std::ios::binary);
  if (!file || std::filesystem::is_directory(options.node, none)) {
    complain("--node " + options.node + ": cannot be read");
    return kExitUsage;
  }
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto node = parse_node_file(options.node, text);
  if (!node) {
    complain(node.error());
    return kExitUsage;
  }
  if (!options.data.empty()) node->data = options.data;
  if (!read_settings(options.config, node->config.settings)) return kExitUsage;
  if (!is_valid(node->config)) return kExitUsage;
  return run_nodes({{node->config, node->data}});
}

int serve_one(const ServeOptions& options, const Endpoint& listen) {
  Served node;
  node.config.listen = listen;
  node.data = options.data;
  const bool advertised = options.advertise.empty() ||
                          parse_endpoint("--advertise", options.advertise, node.config.advertised);
  if (!advertised || !read_settings(options.config, node.config.settings)) return kExitUsage;
  if (!is_valid(node.config)) return kExitUsage;
  if (std::filesystem::exists(std::filesystem::path(options.data) / "b1" / kMetaPropertiesName)) {
    complain("data directory " + options.data + ": belongs to a cluster; see --brokers");
    return kExitUsage;
  }
  return run_nodes({node});
}

int serve_cluster(const ServeOptions& options, const Endpoint& first) {
  if (!options.advertise.empty()) {
    complain("--advertise: expected with one broker only; see --node");
    return kExitUsage;
  }
  // Each broker takes a port, and each controller another.
  const int last = first.port + options.brokers + std::min(options.brokers, kLocalControllers) - 1;
  if (first.port == 0 || last > kMaxPort) {
    complain("--listen " + options.listen + ": expected a port from 1 to " +
             std::to_string(kMaxPort - (last - first.port)) +
             ", the first of those that the cluster takes");
    return kExitUsage;
  }
  std::vector<Served> nodes;
  for (int n = 1; n <= options.brokers; ++n) {
    Served node;
    node.config = local_cluster_node(n, options.brokers, first);
    node.data = options.data + "/" + node.config.node_name;
    if (!read_settings(options.config, node.config.settings)) return kExitUsage;
    if (!is_valid(node.config)) return kExitUsage;
    nodes.push_back(std::move(node));
  }
  const Served whole{nodes.front().config, options.data};
  return is_ours(whole) ? run_nodes(nodes) : kExitUsage;
}

int serve(const ServeOptions& options) {
  if (!options.node.empty()) return serve_node(options);
  if (options.data.empty()) {
    complain("--data is required: the directory that keeps the records");
    return kExitUsage;
  }
  if (options.brokers < 1 || options.brokers > kMaxServedBrokers) {
    complain("--brokers " + std::to_string(options.brokers) + ": expected 1 to " +
             std::to_string(kMaxServedBrokers));
    return kExitUsage;
  }
  Endpoint listen;
  if (!parse_endpoint("--listen", options.listen, listen)) return kExitUsage;
  return options.brokers == 1 ? serve_one(options, listen) : serve_cluster(options, listen);
}

}  // namespace

void add_serve(CLI::App& app, Session& session) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* verb = app.add_subcommand(
      "serve", "The same broker on real TCP and real files, for any Kafka client");
  CLI::Option* listen =
      verb->add_option("--listen", options->listen,
                       "Where to listen; port 0 takes a free one. Of a cluster: the first port")
          ->capture_default_str();
  CLI::Option* advertise =
      verb->add_option("--advertise", options->advertise,
                       "The host:port that clients are told (default: where it listens)");
  verb->add_option("--data", options->data, "The data directory; made where it is missing");
  CLI::Option* brokers =
      verb->add_option(
              "--brokers", options->brokers,
              "Number of brokers in this process, each with ports and a directory of its own;\n"
              "with more than one the first three are controllers, too")
          ->capture_default_str();
  verb->add_option("--node", options->node,
                   "One node of a cluster of separate processes, as a Kafka .properties file\n"
                   "describes it")
      ->excludes(listen)
      ->excludes(advertise)
      ->excludes(brokers);
  verb->add_option("--config", options->config,
                   "A broker setting by Kafka's name, name=value; may be repeated")
      ->take_all();
  verb->footer(
      "Topics are created on first use. SIGINT or SIGTERM ends it in order: everything is\n"
      "synced and the next start needs no recovery.\n\n"
      "  weir serve --listen 127.0.0.1:9092 --data /tmp/weir\n"
      "  kcat -b 127.0.0.1:9092 -L");
  verb->callback([options, &session] { session.exit_code = serve(*options); });
}

}  // namespace weir::cli
