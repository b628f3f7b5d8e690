// Effective configurations as texts by Kafka's names, from the options that the clients really
// parse.
#include "scenarios/run_summary.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "broker/client/consumer_options.h"
#include "broker/client/producer_options.h"
#include "broker/node/broker_config.h"
#include "scenarios/cluster.h"
#include "scenarios/json_text.h"

namespace weir {
namespace {

std::string plain_text(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The options object's own JSON, so that a default is what the client really uses.
ConfigTexts texts_of(const std::string& json) {
  ConfigTexts texts;
  const nlohmann::json parsed = parse_json(json);
  if (!parsed.is_object()) return texts;
  for (const auto& [name, value] : parsed.items()) texts[name] = plain_text(value);
  return texts;
}

ClientSummary client_summary(const Scenario& scenario, const ClientSpec& spec) {
  ClientSummary client;
  client.id = spec.id;
  const auto* producer = std::get_if<ProducerSpec>(&spec.role);
  const auto* consumer = std::get_if<ConsumerSpec>(&spec.role);
  const auto* app = std::get_if<AppSpec>(&spec.role);
  client.producer = producer != nullptr || (app != nullptr && app->producer);
  client.consumer = consumer != nullptr || (app != nullptr && app->consumer);
  if (consumer != nullptr) {
    client.commits_before_processing =
        !consumer->group.empty() && consumer->loop.order == LoopOrder::commit_then_process;
  }
  if (client.producer) {
    if (const auto parsed = ProducerOptions::from(options_of_producer(scenario, spec)))
      client.config = texts_of(parsed->to_json());
  }
  if (client.consumer) {
    if (const auto parsed = ConsumerOptions::from(options_of_consumer(scenario, spec)))
      client.config.merge(texts_of(parsed->to_json()));
  }
  return client;
}

TopicSummary topic_summary(const TopicSpec& spec, const TopicSettings& defaults) {
  TopicSummary topic;
  topic.name = spec.name;
  topic.partitions = spec.partitions;
  topic.replicas = spec.replication;
  if (const auto settings = parse_topic_settings(defaults, spec.config)) {
    topic.config["min.insync.replicas"] = std::to_string(settings->min_insync_replicas);
    topic.config["flush.messages"] = std::to_string(settings->log.flush_messages);
    topic.config["cleanup.policy"] = settings->log.cleanup_policy.compact ? "compact" : "delete";
  }
  topic.config["unclean.leader.election.enable"] = "false";
  return topic;
}

std::vector<std::string> partitions_of(const Scenario& scenario,
                                       const std::vector<std::string>& topics) {
  std::vector<std::string> names;
  for (const TopicSpec& topic : scenario.topics) {
    if (std::ranges::find(topics, topic.name) == topics.end()) continue;
    for (std::int64_t p = 0; p < topic.partitions; ++p) {
      names.push_back(topic.name + "-" + std::to_string(p));
    }
  }
  return names;
}

}  // namespace

RunSummary summary_of(const Scenario& scenario, const std::vector<Strike>& strikes,
                      const FactChecks& facts) {
  RunSummary summary;
  summary.cluster = uses_quorum(scenario);
  for (const ClientSpec& spec : scenario.clients) {
    summary.clients.push_back(client_summary(scenario, spec));
  }
  const auto broker = validate(broker_config(scenario, 1));
  for (const TopicSpec& spec : scenario.topics) {
    summary.topics.push_back(topic_summary(spec, broker ? broker->topic : TopicSettings{}));
  }
  const ClusterShape shape = shape_of(scenario);
  for (const Strike& strike : strikes) {
    if (!strike.skipped.empty()) continue;
    FaultSummary fault;
    fault.kind = std::string(name_of(strike.fault.kind));
    fault.node = strike.fault.node;
    fault.broker =
        std::find(shape.brokers.begin(), shape.brokers.end(), fault.node) != shape.brokers.end();
    fault.in_budget = strike.in_budget;
    summary.faults.push_back(std::move(fault));
  }
  if (facts.progress.has_healed) summary.healed = facts.progress.healed;
  summary.liveness_limit = *resolve(scenario).liveness_after_heal;
  summary.promise = scenario.check.promise;
  summary.pipeline = scenario.check.pipeline.has_value();
  return summary;
}

HistoryConfig history_config(const Scenario& scenario, const RunSummary& summary) {
  HistoryConfig config;
  config.isolation = Isolation::read_uncommitted;
  config.final_drain = scenario.final_drain && summary.drain_complete;
  nlohmann::ordered_json text;
  for (const ClientSummary& client : summary.clients) {
    if (client.producer) {
      const auto at = [&client](const char* name) {
        const auto found = client.config.find(name);
        return found == client.config.end() ? std::string() : found->second;
      };
      const std::string acks = at("acks");
      const AckLevel level = acks == "0"   ? AckLevel::none
                             : acks == "1" ? AckLevel::leader
                                           : AckLevel::all;
      config.acks = std::min(config.acks, level);
      config.idempotence = config.idempotence && at("enable.idempotence") == "true";
      config.retries = config.retries || at("retries") != "0";
      const std::string in_flight = at("max.in.flight.requests.per.connection");
      if (!in_flight.empty()) config.max_in_flight = std::stoll(in_flight);
    }
  }
  for (const TopicSummary& topic : summary.topics) {
    config.compacted = config.compacted || topic.config.at("cleanup.policy") == "compact";
  }
  text["isolation"] = "read_uncommitted";
  text["idempotence"] = config.idempotence;
  text["acks"] = config.acks == AckLevel::none     ? "0"
                 : config.acks == AckLevel::leader ? "1"
                                                   : "all";
  text["max_in_flight"] = config.max_in_flight;
  text["retries"] = config.retries;
  text["cleanup"] = config.compacted ? "compact" : "delete";
  text["final_drain"] = config.final_drain;
  if (const auto& pipeline = scenario.check.pipeline) {
    HistoryPipeline& p = config.pipeline.emplace();
    p.in = partitions_of(scenario, pipeline->in);
    p.out = partitions_of(scenario, pipeline->out);
    p.positions_in_output = pipeline->positions_in_output;
    text["pipeline"] = {{"in", p.in}, {"out", p.out}, {"map", "one-to-one"}};
    if (p.positions_in_output) text["pipeline"]["positions"] = "in-output";
  }
  config.text = text.dump();
  return config;
}

}  // namespace weir
