// Checking a broker's config as a whole.
#include "broker/node/broker_config.h"

#include <set>
#include <string>

namespace weir {
namespace {

void check_image(const BrokerConfig& config, const BrokerSettings& settings, ConfigErrors& errors) {
  if (config.image == nullptr) return;
  if (config.image->broker(config.id) == nullptr) {
    errors.errors.push_back({"broker.id", std::to_string(config.id.value()),
                             "expected one of the brokers of the metadata image"});
  }
  for (const auto& [name, topic] : config.image->topics()) {
    if (const char* why = why_illegal_topic_name(name)) {
      errors.errors.push_back({"topic", name, why});
    }
    const Checked<TopicSettings> parsed = parse_topic_settings(settings.topic, topic->configs);
    if (parsed) continue;
    for (ConfigError error : parsed.error().errors) {
      error.key = "topic " + name + ": " + error.key;
      errors.errors.push_back(std::move(error));
    }
  }
}

void check_cluster(const BrokerConfig& config, const ClusterConfig& cluster, ConfigErrors& errors) {
  const std::string id = std::to_string(config.id.value());
  if (!cluster.is_broker && !cluster.is_controller) {
    errors.errors.push_back({"process.roles", "", "expected broker, controller, or both"});
  }
  if (cluster.voters.empty()) {
    errors.errors.push_back(
        {"controller.quorum.voters", "", "expected at least one controller, id@host:port"});
  }
  bool votes = false;
  std::set<BrokerId> ids;
  for (const QuorumVoter& voter : cluster.voters) {
    votes = votes || voter.id == config.id;
    if (ids.insert(voter.id).second) continue;
    errors.errors.push_back(
        {"controller.quorum.voters", std::to_string(voter.id.value()), "expected each id once"});
  }
  if (votes != cluster.is_controller) {
    errors.errors.push_back({"controller.quorum.voters", id,
                             cluster.is_controller
                                 ? "expected this controller's id among the voters"
                                 : "expected no id of a node that is no controller"});
  }
  // The others learn the port from this node's config, before it listens.
  if (cluster.is_broker && config.listen.port == 0) {
    errors.errors.push_back({"listeners", "0", "expected a port that the other nodes can be told"});
  }
}

}  // namespace

Checked<BrokerSettings> validate(const BrokerConfig& config) {
  ConfigErrors errors;
  if (config.id.value() < 0 || config.id.value() > kMaxBrokerId) {
    errors.errors.push_back({"broker.id", std::to_string(config.id.value()),
                             "expected a whole number from 0 to " + std::to_string(kMaxBrokerId)});
  }
  if (!parse_uuid(config.cluster_id)) {
    errors.errors.push_back(
        {"cluster.id", config.cluster_id, "expected a UUID as 22 characters of URL-safe base64"});
  }
  if (config.cluster) check_cluster(config, *config.cluster, errors);
  Checked<BrokerSettings> settings = parse_broker_settings(config.settings);
  if (!settings) {
    for (const ConfigError& error : settings.error().errors) errors.errors.push_back(error);
  } else {
    check_image(config, *settings, errors);
  }
  if (!errors.errors.empty()) return errors;
  return settings;
}

}  // namespace weir
