// Reading Kafka's properties of a node.
#include "scenarios/node_file.h"

#include <algorithm>
#include <map>

#include "broker/base/text.h"

namespace weir {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    parts.push_back(trimmed(list.substr(0, comma)));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return parts;
}

struct Property {
  std::string value;
  int line = 0;
};

class NodeFileReader {
 public:
  NodeFileReader(std::string_view name, std::string_view text) : name_(name) { read_lines(text); }

  boost::system::result<NodeFile, std::string> read() {
    ClusterConfig cluster;
    read_identity(cluster);
    read_listeners(cluster);
    const Property* voters = take("controller.quorum.voters", true);
    if (voters != nullptr) {
      const auto parsed = parse_voters(voters->value);
      if (parsed) {
        cluster.voters = *parsed;
      } else {
        complain("controller.quorum.voters", *voters, "id@host:port, separated by commas");
      }
    }
    if (const Property* rack = take("broker.rack", false)) cluster.rack = rack->value;
    const Property* data = take("log.dirs", true);
    if (data != nullptr) {
      file_.data = data->value;
      if (data->value.find(',') != std::string::npos) {
        complain("log.dirs", *data, "one directory");
      }
    }
    if (const Property* id = take("cluster.id", false)) file_.config.cluster_id = id->value;
    file_.config.cluster = std::move(cluster);
    for (const auto& [key, property] : properties_) {
      file_.config.settings[key] = property.value;
    }
    if (errors_.empty()) check_settings();
    if (!errors_.empty()) return errors_;
    return std::move(file_);
  }

 private:
  void read_lines(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view line = trimmed(text.substr(0, end));
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
      ++number;
      if (line.empty() || line[0] == '#' || line[0] == '!') continue;
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos || equals == 0) {
        errors_ += name_ + ":" + std::to_string(number) + ": expected key=value, found \"" +
                   std::string(line) + "\"\n";
        continue;
      }
      properties_[std::string(trimmed(line.substr(0, equals)))] = {
          std::string(trimmed(line.substr(equals + 1))), number};
    }
  }

  // Takes the property out of those that become settings. Null where it is not there.
  const Property* take(const std::string& key, bool required) {
    auto found = properties_.extract(key);
    if (found.empty()) {
      if (required) errors_ += name_ + ": " + key + " is missing\n";
      return nullptr;
    }
    taken_.push_back(std::make_unique<Property>(std::move(found.mapped())));
    return taken_.back().get();
  }

  void complain(const std::string& key, const Property& p, const std::string& expected) {
    errors_ += name_ + ":" + std::to_string(p.line) + ": " + key + " = \"" + p.value +
               "\": expected " + expected + "\n";
  }

  void read_identity(ClusterConfig& cluster) {
    if (const Property* id = take("node.id", true)) {
      const auto number = parse_unsigned(id->value);
      if (number && *number <= static_cast<std::uint64_t>(kMaxBrokerId)) {
        file_.config.id = BrokerId(static_cast<std::int32_t>(*number));
        file_.config.node_name = "n" + id->value;
      } else {
        complain("node.id", *id, "a number from 0 to " + std::to_string(kMaxBrokerId));
      }
    }
    if (const Property* roles = take("process.roles", true)) {
      cluster.is_broker = false;
      for (const std::string_view role : split(roles->value)) {
        cluster.is_broker = cluster.is_broker || role == "broker";
        cluster.is_controller = cluster.is_controller || role == "controller";
        if (role != "broker" && role != "controller") {
          complain("process.roles", *roles, "broker, controller, or both separated by a comma");
        }
      }
    }
  }

  // "PLAINTEXT://host:port,CONTROLLER://host:port"
  std::map<std::string, Endpoint, std::less<>> endpoints(const std::string& key,
                                                         const Property& property) {
    std::map<std::string, Endpoint, std::less<>> found;
    for (const std::string_view part : split(property.value)) {
      const std::size_t scheme = part.find("://");
      const auto endpoint = scheme == std::string_view::npos
                                ? std::nullopt
                                : parse_host_port(part.substr(scheme + 3));
      if (!endpoint) {
        complain(key, property, "name://host:port, separated by commas");
        break;
      }
      found.emplace(part.substr(0, scheme), *endpoint);
    }
    return found;
  }

  void read_listeners(ClusterConfig& cluster) {
    const Property* names = take("controller.listener.names", false);
    const std::string controller = names == nullptr ? "CONTROLLER" : names->value;
    const Property* listeners = take("listeners", true);
    if (listeners != nullptr) {
      for (const auto& [name, endpoint] : endpoints("listeners", *listeners)) {
        if (name == controller) {
          cluster.controller_listen = endpoint;
        } else {
          file_.config.listen = endpoint;
          has_listener_ = true;
        }
      }
      if (cluster.is_broker && !has_listener_) {
        complain("listeners", *listeners, "a listener for clients, such as PLAINTEXT://host:port");
      }
      if (cluster.is_controller && cluster.controller_listen.host.empty()) {
        complain("listeners", *listeners, "a listener of the name " + controller);
      }
    }
    if (const Property* advertised = take("advertised.listeners", false)) {
      for (const auto& [name, endpoint] : endpoints("advertised.listeners", *advertised)) {
        if (name != controller) file_.config.advertised = endpoint;
      }
    }
  }

  void check_settings() {
    const auto settings = validate(file_.config);
    if (settings) return;
    for (const ConfigError& error : settings.error().errors) {
      const auto found = properties_.find(error.key);
      const int line = found == properties_.end() ? 0 : found->second.line;
      errors_ += name_ + (line > 0 ? ":" + std::to_string(line) : std::string()) + ": " +
                 error.text() + "\n";
    }
  }

  const std::string name_;
  std::map<std::string, Property> properties_;
  std::vector<std::unique_ptr<Property>> taken_;
  NodeFile file_;
  std::string errors_;
  bool has_listener_ = false;
};

}  // namespace

std::optional<Endpoint> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = parse_unsigned(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::optional<std::vector<QuorumVoter>> parse_voters(std::string_view text) {
  std::vector<QuorumVoter> voters;
  for (const std::string_view part : split(text)) {
    const std::size_t at = part.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const auto id = parse_unsigned(part.substr(0, at));
    const auto address = parse_host_port(part.substr(at + 1));
    if (!id || *id > static_cast<std::uint64_t>(kMaxBrokerId) || !address) return std::nullopt;
    voters.push_back({BrokerId(static_cast<std::int32_t>(*id)), *address});
  }
  if (voters.empty()) return std::nullopt;
  return voters;
}

boost::system::result<NodeFile, std::string> parse_node_file(std::string_view name,
                                                             std::string_view text) {
  return NodeFileReader(name, text).read();
}

BrokerConfig local_cluster_node(std::int32_t n, std::int32_t nodes, const Endpoint& first) {
  const auto port = [&](std::int32_t offset) {
    return static_cast<std::uint16_t>(first.port + offset);
  };
  ClusterConfig cluster;
  for (std::int32_t c = 1; c <= std::min(nodes, kLocalControllers); ++c) {
    cluster.voters.push_back({BrokerId(c), {first.host, port(nodes + c - 1)}});
  }
  BrokerConfig config;
  config.id = BrokerId(n);
  config.node_name = "b" + std::to_string(n);
  config.listen = {first.host, port(n - 1)};
  if (n <= kLocalControllers) {
    cluster.is_controller = true;
    cluster.controller_listen = {first.host, port(nodes + n - 1)};
  }
  config.cluster = std::move(cluster);
  return config;
}

}  // namespace weir
