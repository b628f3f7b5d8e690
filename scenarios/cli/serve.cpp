// weir serve: the same broker on real TCP and real files, for any Kafka client.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "broker/base/text.h"
#include "broker/node/broker.h"
#include "broker/real/real_machine.h"
#include "scenarios/cli/verbs.h"
#include "scenarios/node_file.h"

namespace weir::cli {
namespace {

constexpr int kMaxServedBrokers = 50;

struct ServeOptions {
  std::string listen = "127.0.0.1:9092";
  std::string advertise;
  std::string data;
  std::string node;
  int brokers = 1;
  std::vector<std::string> config;
};

// A broker that says on stdout when it listens.
class Announced final : public Program {
 public:
  Announced(Machine& machine, BrokerConfig config, std::string host)
      : broker_(machine, std::move(config)), host_(std::move(host)) {}

  Task<> run() override {
    co_await broker_.run();
    if (broker_.port() != 0) {
      std::printf("serving on %s:%u\n", host_.c_str(), unsigned{broker_.port()});
      std::fflush(stdout);
    }
  }
  Task<> stop() override { return broker_.stop(); }

 private:
  Broker broker_;
  std::string host_;
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

struct Served {
  BrokerConfig config;
  std::string data;
};

// Runs the nodes in this one process until they have stopped.
int run_nodes(const std::vector<Served>& nodes) {
  RealLoop loop;
  std::vector<std::unique_ptr<RealMachine>> machines;
  for (const Served& node : nodes) {
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
    machines[i]->start([&config](Machine& ports) {
      return std::make_unique<Announced>(ports, config, config.listen.host);
    });
  }
  return loop.run();
}

int serve_node(const ServeOptions& options) {
  std::ifstream file(options.node, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.good() && !file.eof()) {
    complain(options.node + ": cannot be read");
    return kExitUsage;
  }
  auto node = parse_node_file(options.node, text);
  if (!node) {
    complain(node.error());
    return kExitUsage;
  }
  if (!options.data.empty()) node->data = options.data;
  return run_nodes({{node->config, node->data}});
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
  std::vector<Served> nodes;
  for (int n = 1; n <= options.brokers; ++n) {
    Served node;
    if (options.brokers == 1) {
      node.config.listen = listen;
      node.data = options.data;
      const bool advertised =
          options.advertise.empty() ||
          parse_endpoint("--advertise", options.advertise, node.config.advertised);
      if (!advertised) return kExitUsage;
    } else {
      node.config = local_cluster_node(n, options.brokers, listen);
      node.data = options.data + "/" + node.config.node_name;
    }
    if (!read_settings(options.config, node.config.settings)) return kExitUsage;
    const auto settings = validate(node.config);
    if (!settings) {
      complain(settings.error().text());
      return kExitUsage;
    }
    nodes.push_back(std::move(node));
  }
  return run_nodes(nodes);
}

}  // namespace

void add_serve(CLI::App& app, Session& session) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* verb = app.add_subcommand(
      "serve", "The same broker on real TCP and real files, for any Kafka client");
  verb->add_option("--listen", options->listen, "Where to listen; port 0 takes a free one")
      ->capture_default_str();
  verb->add_option("--advertise", options->advertise,
                   "The host:port that clients are told (default: where it listens)");
  verb->add_option("--data", options->data, "The data directory; made where it is missing");
  verb->add_option("--brokers", options->brokers, "Number of brokers in this process, each with ports and a directory of its own;\n"
                   "with more than one the first three are controllers, too")
      ->capture_default_str();
  verb->add_option("--node", options->node,
                   "One node of a cluster of separate processes, as a Kafka .properties file\n"
                   "describes it");
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
