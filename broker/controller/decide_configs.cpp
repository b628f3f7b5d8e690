// Dynamic settings of topics and brokers: IncrementalAlterConfigs (KIP-339) and AlterConfigs.
//
// A resource is changed wholly or not at all; what is wrong with one does not harm the others. Each
// is checked as it would be afterwards. A change of min.insync.replicas clears the eligible leader
// replicas of the topics that it concerns, since they were chosen by the old value (KIP-966); while
// those are on, the cluster must have a dynamic default, and single brokers none of their own.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "broker/base/text.h"
#include "broker/controller/decisions.h"
#include "broker/wire/messages/alter_configs.h"
#include "broker/wire/messages/incremental_alter_configs.h"

namespace weir::deciding {
namespace {

constexpr std::string_view kMinIsr = "min.insync.replicas";
constexpr std::string_view kUnclean = "unclean.leader.election.enable";
constexpr std::string_view kList = "cleanup.policy";  // the one setting that is a list
constexpr std::int8_t kSet = 0;                       // Kafka's AlterConfigOp.OpType
constexpr std::int8_t kDelete = 1;
constexpr std::int8_t kAppend = 2;
constexpr std::int8_t kSubtract = 3;

struct Resource {
  std::int8_t type = 0;
  std::string name;
};

// No value: the setting goes.
using Changes = std::map<std::string, std::optional<std::string>>;

Refusal check_resource(const MetadataImage& image, const Resource& resource) {
  if (resource.type == kTopicResource) {
    if (image.find_topic(resource.name) != nullptr) return {};
    return {ErrorCode::unknown_topic_or_partition, "there is no topic " + resource.name};
  }
  if (resource.type != kBrokerResource) {
    return {ErrorCode::invalid_request, "only topics (2) and brokers (4) have settings here"};
  }
  if (resource.name.empty()) return {};
  const std::optional<std::int64_t> id = parse_integer(resource.name);
  if (!id || *id < 0 || *id > INT32_MAX || std::to_string(*id) != resource.name) {
    return {ErrorCode::invalid_request, "expected a broker's id, or nothing for all brokers"};
  }
  if (image.broker(BrokerId{static_cast<std::int32_t>(*id)}) != nullptr) return {};
  return {ErrorCode::broker_id_not_registered, "broker " + resource.name + " is not registered"};
}

ConfigMap present(const MetadataImage& image, const Resource& resource) {
  if (resource.type == kTopicResource) return image.find_topic(resource.name)->configs;
  const auto it = image.broker_configs().find(resource.name);
  return it == image.broker_configs().end() ? ConfigMap{} : it->second;
}

std::vector<std::string> words(std::string_view list) {
  std::vector<std::string> found;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view word = list.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (!word.empty()) found.emplace_back(word);
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  }
  return found;
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& word : list) text += (text.empty() ? "" : ",") + word;
  return text;
}

// The list with the words of `change` added, or without them.
std::string edit_list(std::string_view now, std::string_view change, bool append) {
  std::vector<std::string> list = words(now);
  for (const std::string& word : words(change)) {
    const auto it = std::find(list.begin(), list.end(), word);
    if (append && it == list.end()) list.push_back(word);
    if (!append && it != list.end()) list.erase(it);
  }
  return joined(list);
}

Refusal read_changes(const std::vector<IncrementalAlterConfigsRequest::AlterableConfig>& asked,
                     const ConfigMap& now, Changes& changes) {
  for (const auto& config : asked) {
    if (changes.contains(config.name)) {
      return {ErrorCode::invalid_config, config.name + " is changed twice"};
    }
    const std::int8_t operation = config.config_operation;
    if (operation == kDelete) {
      changes[config.name] = std::nullopt;
      continue;
    }
    if (operation != kSet && operation != kAppend && operation != kSubtract) {
      return {ErrorCode::invalid_request, "an unknown operation on " + config.name};
    }
    if (!config.value) return {ErrorCode::invalid_request, config.name + " has no value"};
    if (operation == kSet) {
      changes[config.name] = config.value;
      continue;
    }
    if (config.name != kList) {
      return {ErrorCode::invalid_config, config.name + " is not a list"};
    }
    // Kafka's default, where nothing is set.
    const auto it = now.find(config.name);
    const std::string_view list = it == now.end() ? std::string_view("delete") : it->second;
    changes[config.name] = edit_list(list, *config.value, operation == kAppend);
  }
  return {};
}

// Everything that is not named goes.
Refusal read_changes(const std::vector<AlterConfigsRequest::AlterableConfig>& asked,
                     const ConfigMap& now, Changes& changes) {
  for (const auto& config : asked) {
    if (!config.value) return {ErrorCode::invalid_request, config.name + " has no value"};
    if (!changes.emplace(config.name, config.value).second) {
      return {ErrorCode::invalid_config, config.name + " is set twice"};
    }
  }
  for (const auto& [key, value] : now) changes.try_emplace(key, std::nullopt);
  return {};
}

Refusal check_result(const MetadataImage& image, const Resource& resource, const ConfigMap& after,
                     const Changes& changes) {
  if (resource.type == kTopicResource) {
    const Checked<TopicSettings> settings = parse_topic_settings(TopicSettings{}, after);
    if (!settings) return {ErrorCode::invalid_config, settings.error().text()};
    return {};
  }
  const Checked<BrokerSettings> settings = parse_broker_settings(after);
  if (!settings) return {ErrorCode::invalid_config, settings.error().text()};
  const auto change = changes.find(std::string(kMinIsr));
  if (!elr_is_on(image) || change == changes.end()) return {};
  if (!resource.name.empty()) {
    return {ErrorCode::invalid_config,
            "min.insync.replicas of a single broker, while eligible leader replicas are on"};
  }
  if (!change->second) {
    return {ErrorCode::invalid_config,
            "the cluster's min.insync.replicas goes, while eligible leader replicas are on"};
  }
  return {};
}

void write(Context& in, const Resource& resource, const ConfigMap& before, const Changes& changes) {
  std::set<std::string_view> written;
  for (const auto& [key, value] : changes) {
    const auto it = before.find(key);
    const bool same = value ? it != before.end() && it->second == *value : it == before.end();
    if (same) continue;
    ConfigRecord record;
    record.resource_type = resource.type;
    record.resource_name = resource.name;
    record.name = key;
    record.value = value;
    in.draft.add(std::move(record), "settings");
    written.insert(key);
  }
  const bool concerns_all = resource.type == kBrokerResource && resource.name.empty();
  const bool concerns_topics = resource.type == kTopicResource || concerns_all;
  if (!concerns_topics) return;
  if (written.contains(kMinIsr) && elr_is_on(in.image())) {
    ClearElrRecord record;
    if (!concerns_all) record.topic_name = resource.name;
    in.draft.add(std::move(record), "min.insync.replicas");
  }
  if (written.contains(kUnclean)) elect_where_leaderless(in, "unclean election allowed");
}

template <class AskedResource>
Refusal alter(Context& in, const AskedResource& asked, bool validate_only, std::size_t& bytes) {
  const Resource resource{asked.resource_type, asked.resource_name};
  Refusal refusal = check_resource(in.image(), resource);
  if (refusal.refused()) return refusal;
  for (const auto& config : asked.configs) {
    bytes += config.name.size() + (config.value ? config.value->size() : 0);
  }
  if (bytes > kMaxConfigBytesPerRequest) {
    return {ErrorCode::policy_violation, "the request sets too much at once"};
  }
  const ConfigMap before = present(in.image(), resource);
  Changes changes;
  refusal = read_changes(asked.configs, before, changes);
  if (refusal.refused()) return refusal;
  ConfigMap after = before;
  for (const auto& [key, value] : changes) {
    after.erase(key);
    if (value) after.emplace(key, *value);
  }
  refusal = check_result(in.image(), resource, after, changes);
  if (!refusal.refused() && !validate_only) write(in, resource, before, changes);
  return refusal;
}

template <class Response, class Request>
Response alter_all(const Request& request, Context& in) {
  Response response;
  std::map<std::pair<std::int8_t, std::string_view>, int> times;
  for (const auto& asked : request.resources) ++times[{asked.resource_type, asked.resource_name}];
  if (!request.validate_only) in.draft.expect_any_partition();
  std::size_t bytes = 0;
  for (const auto& asked : request.resources) {
    Refusal refusal;
    if (times[{asked.resource_type, asked.resource_name}] > 1) {
      refusal = {ErrorCode::invalid_request, "the resource is named twice"};
    } else {
      refusal = alter(in, asked, request.validate_only, bytes);
    }
    auto& answer = response.responses.emplace_back();
    answer.error_code = code_of(refusal.error);
    answer.error_message = std::nullopt;
    if (refusal.refused()) answer.error_message = std::move(refusal.why);
    answer.resource_type = asked.resource_type;
    answer.resource_name = asked.resource_name;
  }
  return response;
}

}  // namespace

IncrementalAlterConfigsResponse decide(const IncrementalAlterConfigsRequest& request, Context& in) {
  return alter_all<IncrementalAlterConfigsResponse>(request, in);
}

AlterConfigsResponse decide(const AlterConfigsRequest& request, Context& in) {
  return alter_all<AlterConfigsResponse>(request, in);
}

void tell_min_insync_replicas(Context& in) {
  const std::string name(kMinIsr);
  const auto write_one = [&](const std::string& resource, std::optional<std::string> value) {
    ConfigRecord record;
    record.resource_type = kBrokerResource;
    record.resource_name = resource;
    record.name = name;
    record.value = std::move(value);
    in.draft.add(std::move(record), "eligible leader replicas");
  };
  std::vector<std::string> single;
  for (const auto& [resource, configs] : in.image().broker_configs()) {
    if (!resource.empty() && configs.contains(name)) single.push_back(resource);
  }
  for (const std::string& resource : single) write_one(resource, std::nullopt);
  if (in.image().broker_config({}, name) == nullptr) {
    write_one({}, std::to_string(in.options.min_insync_replicas));
  }
}

}  // namespace weir::deciding
