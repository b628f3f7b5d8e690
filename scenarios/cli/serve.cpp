// weir serve: the same broker on real TCP and real files, for any Kafka client.
#include <cstdio>
#include <memory>

#include "broker/base/text.h"
#include "broker/node/broker.h"
#include "broker/real/real_machine.h"
#include "scenarios/cli/verbs.h"

namespace weir::cli {
namespace {

struct ServeOptions {
  std::string listen = "127.0.0.1:9092";
  std::string advertise;
  std::string data;
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
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : parse_unsigned(std::string_view(text).substr(colon + 1));
  if (!port || *port > 65535 || colon == 0) {
    complain(option + " " + text + ": expected host:port, such as 127.0.0.1:9092");
    return false;
  }
  out = Endpoint{text.substr(0, colon), static_cast<std::uint16_t>(*port)};
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

int serve(const ServeOptions& options) {
  if (options.brokers != 1) {
    complain("--brokers " + std::to_string(options.brokers) +
             ": one broker is served; several need controllers, which do not exist yet");
    return kExitUsage;
  }
  BrokerConfig config;
  if (!parse_endpoint("--listen", options.listen, config.listen)) return kExitUsage;
  if (!options.advertise.empty() &&
      !parse_endpoint("--advertise", options.advertise, config.advertised)) {
    return kExitUsage;
  }
  if (!read_settings(options.config, config.settings)) return kExitUsage;
  const auto settings = validate(config);
  if (!settings) {
    complain(settings.error().text());
    return kExitUsage;
  }
  RealLoop loop;
  RealMachine::Opened machine = RealMachine::open(loop, {config.node_name, options.data});
  if (!machine) {
    complain(machine.error());
    return kExitUsage;
  }
  loop.stop_on_signals();
  (*machine)->start([&config](Machine& ports) {
    return std::make_unique<Announced>(ports, config, config.listen.host);
  });
  return loop.run();
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
  verb->add_option("--data", options->data, "The data directory; made where it is missing")
      ->required();
  verb->add_option("--brokers", options->brokers, "Number of brokers")->capture_default_str();
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
